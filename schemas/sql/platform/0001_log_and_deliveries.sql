-- What passes between services. A row of the log is told once, kept as told, and owed to each subscriber until its effects are stored.
create schema platform;

-- One row a stream. `records` counts what was ever appended: the row lock makes sequence order commit order, without gaps.
create table platform.stream (
    stream   text   primary key,
    records  bigint not null default 0
);

-- Names of log rows: with gaps, visible in any order. They order work and never bound a question.
create sequence platform.position;

create table platform.log (
    position        bigint      not null,
    created_at      timestamptz not null default clock_timestamp(),
    stream          text        not null references platform.stream,
    first_sequence  bigint      not null,       -- sequence of item 0; item i has first_sequence + i
    items           int         not null check (items > 0),
    body            bytea       not null,       -- the items as JSON, one a line, each line ended by a line feed
    primary key (position, created_at)
) partition by range (created_at);
-- Bodies are read whole and soon: compressing them costs more than it saves.
alter table platform.log alter column body set storage external;

create table platform.subscriber (
    subscriber  text        primary key,
    stream      text        not null references platform.stream,
    from_position bigint    not null,
    added_at    timestamptz not null default clock_timestamp()
);

-- What a subscriber still owes: gone means done, there means not yet.
create table platform.delivery (
    subscriber   text        not null references platform.subscriber,
    position     bigint      not null,
    first_item   int         not null,
    items        int         not null check (items > 0),
    created_at   timestamptz not null,          -- of the log row
    attempts     int         not null default 0,
    next_try_at  timestamptz null,              -- null: at once
    primary key (subscriber, position, first_item)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- One record a row that its subscriber could not process: counted, listed, retryable. Closing keeps it counted.
create table platform.quarantine (
    subscriber      text        not null references platform.subscriber,
    position        bigint      not null,
    item            int         not null,
    created_at      timestamptz not null,       -- of the log row
    attempts        int         not null,
    reason          text        not null,       -- type and message of the fault, without the record's content
    quarantined_at  timestamptz not null default clock_timestamp(),
    closed_at       timestamptz null,
    closed_by       text        null,
    closed_second   text        null,
    closed_reason   text        null,
    primary key (subscriber, position, item),
    check (closed_at is null or (closed_by <> '' and closed_second <> '' and closed_second <> closed_by and closed_reason <> ''))
);

-- Appends one body to a stream and owes it to each subscriber, in the caller's transaction. Locks the stream row first and
-- reads the subscribers in a later statement, so that one being added at this moment is neither missed nor owed twice.
create function platform.append(p_stream text, p_position bigint, p_items int, p_body bytea, p_created_at timestamptz,
                                out first_sequence bigint, out created_at timestamptz)
language plpgsql as $$
begin
    update platform.stream s set records = s.records + p_items where s.stream = p_stream
        returning s.records - p_items + 1 into first_sequence;
    if not found then
        raise exception 'no such stream: %', p_stream;
    end if;
    created_at := p_created_at;
    insert into platform.log (position, created_at, stream, first_sequence, items, body)
        values (p_position, created_at, p_stream, first_sequence, p_items, p_body);
    insert into platform.delivery (subscriber, position, first_item, items, created_at)
        select s.subscriber, p_position, 0, p_items, append.created_at
        from platform.subscriber s where s.stream = p_stream;
end $$;

-- Adds a subscriber and owes it every row from a position on. Adding it again changes nothing.
create function platform.subscribe(p_subscriber text, p_stream text, p_from bigint) returns boolean
language plpgsql as $$
begin
    insert into platform.stream (stream) values (p_stream) on conflict do nothing;
    perform 1 from platform.stream s where s.stream = p_stream for update;
    insert into platform.subscriber (subscriber, stream, from_position) values (p_subscriber, p_stream, p_from)
        on conflict do nothing;
    if not found then
        return false;
    end if;
    insert into platform.delivery (subscriber, position, first_item, items, created_at)
        select p_subscriber, l.position, 0, l.items, l.created_at
        from platform.log l where l.stream = p_stream and l.position >= p_from;
    return true;
end $$;

-- Makes the monthly partitions of a table partitioned by time, from a month to a month after it (both included). Harmless to repeat.
create function platform.make_months(p_table text, p_from date, p_until date) returns int
language plpgsql as $$
declare
    m date := date_trunc('month', p_from)::date;
    made int := 0;
    name text;
begin
    perform pg_advisory_xact_lock(hashtext('traffic make_months'));
    while m <= p_until loop
        name := p_table || to_char(m, '_YYYY_MM');
        if to_regclass(name) is null then
            execute format('create table %s partition of %s for values from (%L) to (%L)', name, p_table,
                           m::text || ' 00:00:00+00', (m + interval '1 month')::date::text || ' 00:00:00+00');
            made := made + 1;
        end if;
        m := (m + interval '1 month')::date;
    end loop;
    return made;
end $$;
select platform.make_months('platform.log', current_date - 31, (current_date + interval '3 months')::date);
