-- The register: each violation written once, already decided, with the standing it has now; and the counts, which move with it.
create schema register;
insert into platform.stream (stream) values ('register');

create table register.violation (
    record_id          uuid        not null,
    received_at        timestamptz not null,    -- of intake's log row …
    position           bigint      not null,    -- … its name …
    item               int         not null,    -- … and the place in it
    -- standing
    began_position     bigint      not null,    -- the register's log row in which this revision began
    revision           int         not null check (revision > 0),
    status             text        not null check (status in ('captured', 'toReview', 'held', 'confirmed', 'rejected', 'voided')),
    entry              text        not null,    -- of the catalogue, or 'undecided', or 'no-law'
    family             text        not null,
    division           text        not null,
    day                date        not null,    -- calendar day in the division's zone
    shift_date         date        not null,    -- day on which the shift began
    shift              text        not null check (shift in ('day', 'night')),
    source             text        not null check (source in ('roadsideCheck', 'nightInspection', 'camera')),
    vehicle_class      text        not null,
    origin             text        null,        -- import map; null for our own
    items              text        not null,    -- campaign items, joined by commas; '' for none
    reason             text        null,        -- a stable word, or what the person wrote
    changed_by         text        null,        -- the person whose decision began this revision
    -- decision
    points             int         null,
    fine_min           int         null,        -- CNY
    fine_max           int         null,        -- CNY
    criminal_referral  boolean     not null,
    law_edition        text        null,        -- in force when it happened
    catalogue_version  text        not null,    -- of our data that decided
    trace              text        not null,
    -- record
    occurred_at        timestamptz not null,
    road_kind          text        null,
    offence_code       text        null,
    stop_id            uuid        null,
    officer_id         text        null,
    unit_code          text        null,
    device_id          text        null,
    feed_id            text        null,
    -- personal
    plate              text        null,
    plate_type         text        null,
    driver_key         uuid        null,        -- keyed hash of the id number: finds a driver without naming him
    driver_id_number   text        null,
    driver_name        text        null,
    driver_phone       text        null,
    primary key (record_id, received_at)
) partition by range (received_at);
create index violation_day on register.violation using brin (day);
create index violation_drink on register.violation (driver_key) where family = 'drink-driving' and driver_key is not null;
select platform.make_months('register.violation', current_date - 31, (current_date + interval '3 months')::date);

-- Standings that no longer hold: never edited, never deleted.
create table register.former_standing (
    record_id       uuid   not null,
    revision        int    not null,
    began_position  bigint not null,
    ended_position  bigint not null,            -- the register's log row in which the next revision began
    status          text   not null,
    entry           text   not null,
    family          text   not null,
    division        text   not null,
    day             date   not null,
    shift_date      date   not null,
    shift           text   not null,
    source          text   not null,
    vehicle_class   text   not null,
    origin          text   null,
    items           text   not null,
    reason          text   null,
    changed_by      text   null,
    points          int    null,
    fine_min        int    null,
    fine_max        int    null,
    catalogue_version text not null,
    trace           text   not null,
    primary key (record_id, revision)
);

-- A count of a cube: moved in the transaction that moves what it counts.
create table register.cell (
    cube      text   not null,
    day       date   not null,
    division  text   not null,
    keys      text   not null,                  -- values of the cube's dimensions in their declared order, joined by |
    value     bigint not null,
    primary key (cube, day, division, keys)
) with (fillfactor = 70);

-- What the entries are called, as the files say them.
create table register.catalogue_entry (
    edition   text  not null,
    entry     text  not null,
    family    text  not null,
    zh        text  not null,
    en        text  not null,
    points    int   null,
    fine_min  int   null,
    fine_max  int   null,
    items     text  not null,
    primary key (edition, entry)
);
create table register.catalogue_word (
    kind  text not null check (kind in ('family', 'item')),
    id    text not null,
    zh    text not null,
    en    text not null,
    nth   int  not null,
    primary key (kind, id)
);

-- Every standing there is or was, with the register's sequence from which and until which it held. A log row counts whole.
create view register.published_standing_at with (security_invoker = true) as
    select v.record_id, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source, v.vehicle_class,
           v.origin, v.items, b.first_sequence as began_sequence, null::bigint as ended_sequence
    from register.violation v
    join platform.log b on b.position = v.began_position
    union all
    select f.record_id, f.revision, f.status, f.entry, f.family, f.division, f.day, f.shift_date, f.shift, f.source, f.vehicle_class,
           f.origin, f.items, b.first_sequence, e.first_sequence
    from register.former_standing f
    join platform.log b on b.position = f.began_position
    join platform.log e on e.position = f.ended_position;

create view register.published_standing with (security_invoker = true) as
    select v.record_id, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source, v.vehicle_class,
           v.origin, v.items, v.reason, v.changed_by, v.occurred_at, v.received_at, v.road_kind, v.points, v.fine_min, v.fine_max,
           v.criminal_referral, v.law_edition, v.catalogue_version, v.trace
    from register.violation v;

create view register.published_history with (security_invoker = true) as
    select h.record_id, h.revision, h.status, h.entry, h.reason, h.changed_by, b.created_at as began_at, e.created_at as ended_at, h.trace
    from (select record_id, revision, status, entry, reason, changed_by, began_position, null::bigint as ended_position, trace
          from register.violation
          union all
          select record_id, revision, status, entry, reason, changed_by, began_position, ended_position, trace
          from register.former_standing) h
    join platform.log b on b.position = h.began_position
    left join platform.log e on e.position = h.ended_position;

create view register.published_cell with (security_invoker = true) as
    select cube, day, division, keys, value from register.cell;
create view register.published_entry with (security_invoker = true) as
    select edition, entry, family, zh, en, points, fine_min, fine_max, items from register.catalogue_entry;
create view register.published_word with (security_invoker = true) as
    select kind, id, zh, en, nth from register.catalogue_word;

grant usage on schema register to traffic_register, traffic_intake, traffic_casework, traffic_reporting;
grant select, insert, update on register.violation to traffic_register;
grant select, insert on register.former_standing to traffic_register;
grant select, insert, update on register.cell, register.catalogue_entry, register.catalogue_word to traffic_register;
-- What others see of a record: never its personal columns.
grant select (record_id, received_at, began_position, revision, status, entry, family, division, day, shift_date, shift, source,
              vehicle_class, origin, items, reason, changed_by, occurred_at, road_kind, points, fine_min, fine_max,
              criminal_referral, law_edition, catalogue_version, trace)
    on register.violation to traffic_intake, traffic_casework, traffic_reporting;
grant select on register.former_standing, register.cell, register.catalogue_entry, register.catalogue_word,
    register.published_standing, register.published_standing_at, register.published_history, register.published_cell,
    register.published_entry, register.published_word
    to traffic_intake, traffic_casework, traffic_reporting;
