-- Crashes, dangers, observations, sessions, points and visits: every revision there is or was, and what each counts for. Written
-- once; only the end of a revision is filled in, once, when another takes its place.
create table register.activity (
    activity_id     uuid        not null,
    revision        int         not null check (revision > 0),
    record_id       uuid        not null,       -- the report
    kind            text        not null check (kind in ('crash', 'danger', 'observation', 'session', 'point', 'visit')),
    received_at     timestamptz not null,       -- of intake's log row …
    position        bigint      not null,       -- … its name …
    item            int         not null,       -- … and the place in it
    began_position  bigint      not null,       -- the register's log row in which it began
    ended_position  bigint      null,           -- in which another took its place; null while it holds; the same where it came late and never held
    status          text        not null check (status in ('confirmed', 'voided')),
    division        text        not null,
    day             date        not null,       -- calendar day in the division's zone; of a session, of its planned start
    occurred_at     timestamptz not null,
    origin          text        null,           -- import map; null for our own
    unit_code       text        null,
    officer_id      text        null,
    session_id      text        null,
    detail          jsonb       not null,       -- the report without its personal members
    primary key (activity_id, revision),
    unique (record_id)
);
-- One revision of a thing holds.
create unique index activity_in_force on register.activity (activity_id) where ended_position is null;
create index activity_list on register.activity (kind, day, activity_id) where ended_position is null;

create table register.activity_count (
    activity_id  uuid    not null,
    revision     int     not null,
    cube         text    not null,
    day          date    not null,
    division     text    not null,
    keys         text    not null,              -- as in register.cell
    value        bigint  not null check (value <> 0),
    primary key (activity_id, revision, cube, day, keys),
    foreign key (activity_id, revision) references register.activity
);
create index activity_count_figure on register.activity_count (cube, day);

create view register.published_activity with (security_invoker = true) as
    select a.activity_id, a.revision, a.record_id, a.kind, a.status, a.division, a.day, a.occurred_at, a.received_at, a.origin, a.unit_code,
           a.officer_id, a.session_id, a.detail
    from register.activity a
    where a.ended_position is null;

-- Every revision, with the register's sequence from which and until which it held. A log row counts whole.
create view register.published_activity_at with (security_invoker = true) as
    select a.activity_id, a.revision, a.record_id, a.kind, a.status, a.division, a.day, a.occurred_at, a.received_at, a.origin, a.unit_code,
           a.officer_id, a.session_id, a.detail, b.first_sequence as began_sequence, e.first_sequence as ended_sequence,
           b.created_at as began_at, e.created_at as ended_at
    from register.activity a
    join platform.log b on b.position = a.began_position
    left join platform.log e on e.position = a.ended_position;

create view register.published_activity_count with (security_invoker = true) as
    select activity_id, revision, cube, day, division, keys, value from register.activity_count;

grant select, insert on register.activity, register.activity_count to traffic_register;
grant update (ended_position) on register.activity to traffic_register;
grant select on register.activity, register.activity_count, register.published_activity, register.published_activity_at,
    register.published_activity_count to traffic_intake, traffic_reporting;
