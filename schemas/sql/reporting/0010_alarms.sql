-- Zero targets that were broken: a row when one rang, another when it was undone. Written once; nobody may update or delete here.
create table reporting.alarm (
    event       bigint      generated always as identity primary key,   -- in the order of commits: the writers hold a lock
    alarm_id    uuid        not null,
    change      text        not null check (change in ('rang', 'undone')),
    campaign    text        not null,
    line        text        not null,
    version     int         not null,
    division    text        not null,
    kind        text        not null,               -- violation, crash, danger, …
    record_id   uuid        not null,               -- of an activity: its activity id
    revision    int         not null,
    day         date        not null,               -- the record counts on
    value       bigint      not null,
    at          timestamptz not null,
    records     text        null,
    unique (alarm_id, change),
    unique (campaign, line, division, record_id, revision, change)
);

-- What a receiver has taken, so that one that is away costs the others no repeat.
create table reporting.alarm_sent (
    alarm_id  uuid        not null,
    change    text        not null,
    receiver  text        not null,
    sent_at   timestamptz not null default clock_timestamp(),
    primary key (alarm_id, change, receiver)
);

grant select, insert on reporting.alarm, reporting.alarm_sent to traffic_reporting;

-- Reporting listens to the register's log and has one of its own.
grant insert on platform.log, platform.quarantine to traffic_reporting;
grant update on platform.stream to traffic_reporting;
grant insert, update, delete on platform.delivery to traffic_reporting;
grant usage on sequence platform.position to traffic_reporting;
