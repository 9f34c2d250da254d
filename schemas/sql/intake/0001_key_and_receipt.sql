-- Who may hold us to what: one row for each record ever accepted. Unique for ever, whatever time the sender claims.
create schema intake;
insert into platform.stream (stream) values ('intake');

create table intake.key (
    record_id    uuid        not null,          -- an officer's own; a feed's derived from feed and event id (version 8)
    digest       bytea       not null,          -- salted SHA-256 of the canonical record: tells a repeat from a conflict
    position     bigint      not null,          -- the log row that keeps it as reported …
    item         int         not null,          -- … and its place in that row, from 0
    received_at  timestamptz not null,          -- of the log row
    data_key     bytea       null,              -- wrapped; opens the sealed members and salts the digest; null once the person is erased
    primary key (record_id)
) partition by hash (record_id);
do $$ begin
    for i in 0..7 loop
        execute format('create table intake.key_%s partition of intake.key for values with (modulus 8, remainder %s)', i, i);
    end loop;
end $$;

-- What came in and was refused, without what it said: the paths and codes of its faults.
create table intake.refusal (
    id           bigint      generated always as identity primary key,
    received_at  timestamptz not null,
    sender       text        not null,
    sent_as      text        null,              -- the id the sender gave it, where that could be read
    faults       jsonb       not null
);

-- What was answered, by hour and sender. received is counted as records come in, the others as they are answered.
create table intake.tally (
    hour       timestamptz not null,
    sender     text        not null,            -- feed id, or 'officer'
    received   bigint      not null,
    accepted   bigint      not null,
    duplicate  bigint      not null,
    conflict   bigint      not null,
    rejected   bigint      not null,
    ignored    bigint      not null,
    primary key (hour, sender)
) with (fillfactor = 50);

-- One group of records: keys, refusals, tally, log row, deliveries, in one round trip. Keys are inserted in key order, so
-- that two groups never wait for each other in a circle. If a key is known already nothing is done and TR001 says so:
-- the caller looks the known ones up and sends the rest again. The stream's lock is taken last.
create function intake.append(
    p_ids uuid[], p_digests bytea, p_keys bytea, p_body bytea,
    p_senders text[], p_received bigint[], p_accepted bigint[], p_duplicate bigint[], p_conflict bigint[], p_rejected bigint[],
    p_refusal_senders text[], p_refusal_ids text[], p_refusal_faults text[],
    out "position" bigint, out first_sequence bigint, out created_at timestamptz)
language plpgsql as $$
declare
    v_count int := coalesce(cardinality(p_ids), 0);
    v_new int;
begin
    created_at := clock_timestamp();
    if v_count > 0 then
        "position" := nextval('platform.position');
        insert into intake.key (record_id, digest, position, item, received_at, data_key)
            select t.id, substring(p_digests from (t.n - 1) * 32 + 1 for 32), append.position, t.n - 1, append.created_at,
                   substring(p_keys from (t.n - 1) * 60 + 1 for 60)
            from (select u.id, u.n::int as n from unnest(p_ids) with ordinality as u (id, n)) t
            order by t.id
            on conflict do nothing;
        get diagnostics v_new = row_count;
        if v_new < v_count then
            raise exception 'some keys are known' using errcode = 'TR001';
        end if;
    end if;

    insert into intake.refusal (received_at, sender, sent_as, faults)
        select append.created_at, r.sender, r.sent_as, r.faults::jsonb
        from unnest(p_refusal_senders, p_refusal_ids, p_refusal_faults) as r (sender, sent_as, faults);

    insert into intake.tally as t (hour, sender, received, accepted, duplicate, conflict, rejected, ignored)
        select date_trunc('hour', append.created_at), g.sender, g.received, g.accepted, g.duplicate, g.conflict, g.rejected, 0
        from unnest(p_senders, p_received, p_accepted, p_duplicate, p_conflict, p_rejected)
            as g (sender, received, accepted, duplicate, conflict, rejected)
        order by g.sender
        on conflict (hour, sender) do update
            set received = t.received + excluded.received, accepted = t.accepted + excluded.accepted,
                duplicate = t.duplicate + excluded.duplicate, conflict = t.conflict + excluded.conflict,
                rejected = t.rejected + excluded.rejected;

    if v_count > 0 then
        select a.first_sequence into append.first_sequence
            from platform.append('intake', append.position, v_count, p_body, append.created_at) a;
    end if;
end $$;

create view intake.published_data_key with (security_invoker = true) as
    select record_id, data_key from intake.key;

create view intake.published_ledger with (security_invoker = true) as
    select hour, sender, received, accepted, duplicate, conflict, rejected, ignored from intake.tally;

grant usage on schema intake to traffic_intake, traffic_register, traffic_reporting;
grant select, insert on intake.key, intake.refusal to traffic_intake;
grant select, insert, update on intake.tally to traffic_intake;
grant select (record_id, data_key) on intake.key to traffic_register;
grant select on intake.published_data_key to traffic_register;
grant select on intake.tally, intake.published_ledger to traffic_reporting;
