-- What waits for a person, learned from the register's stream, and what people decided.
create schema casework;
insert into platform.stream (stream) values ('casework');

-- A record that awaits a person: captured by a camera, undecidable, or held. Gone from here when it no longer does.
create table casework.waiting (
    record_id  uuid    not null primary key,
    position   bigint  not null,               -- the register's log row it was learned from: an older one never overwrites a newer
    revision   int     not null,
    status     text    not null,
    entry      text    not null,
    family     text    not null,
    division   text    not null,
    day        date    not null,
    reason     text    null
);
create index waiting_queue on casework.waiting (division, day, record_id);

-- Once a decision, whatever the sender repeats.
create table casework.decision (
    decision_id    uuid        not null primary key,
    record_id      uuid        not null,
    revision       int         not null,
    action         text        not null check (action in ('confirm', 'reject', 'void', 'resolve')),
    entry          text        null,
    seen_entry     text        not null,
    decided_by     text        not null,
    second_person  text        null,
    reason         text        not null,
    decided_at     timestamptz not null,
    check (action <> 'void' or (second_person is not null and second_person <> decided_by))
);
create index decision_record on casework.decision (record_id);

grant usage on schema casework to traffic_casework;
grant select, insert, update, delete on casework.waiting to traffic_casework;
grant select, insert on casework.decision to traffic_casework;
