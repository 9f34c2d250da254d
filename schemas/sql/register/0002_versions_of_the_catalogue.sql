-- Versions of our data of the law: the bytes that decided, who released them and why. The greatest id is in force; no row is ever
-- changed but for how far it has come. A deciding transaction holds the shared lock 'catalogue' and reads the greatest id.
create table register.catalogue (
    id             int         not null primary key check (id > 0),   -- 1, 2, 3, …
    version        text        not null,        -- newest edition and digest of all files
    kind           text        not null check (kind in ('seed', 'release', 'undo')),
    supersedes     int         null unique references register.catalogue,    -- the version in force before
    restores       int         null references register.catalogue,           -- of an undo: the version whose files these are
    changes_from   date        null,            -- first day for which the law says otherwise than before
    retroactive    boolean     not null,        -- that day had passed, and the two persons knew
    released_at    timestamptz not null,
    released_by    text        not null,
    second_person  text        null,
    reason         text        not null,
    state          text        not null check (state in ('planned', 'reDeciding', 'done')),
    records        bigint      not null default 0,    -- to be looked at again
    done_at        timestamptz null,
    moved          jsonb       null,            -- what it changed, once all is decided again
    check ((kind = 'seed') = (second_person is null)),
    check (second_person is null or (released_by <> '' and second_person <> '' and second_person <> released_by and reason <> '')),
    check ((state = 'done') = (done_at is not null))
);

create table register.catalogue_file (
    catalogue  int    not null references register.catalogue,
    name       text   not null,
    bytes      bytea  not null,
    primary key (catalogue, name)
);

-- What a release still has to decide again, cut by position of intake's log. Done in the transaction of its effects.
create table register.catalogue_work (
    catalogue       int         not null references register.catalogue,
    chunk           int         not null,
    from_position   bigint      not null,       -- both included
    until_position  bigint      not null,
    records         bigint      not null,
    done_at         timestamptz null,
    began_position  bigint      null,           -- the register's log row with the revisions it began; null if it began none
    moved           jsonb       null,
    primary key (catalogue, chunk)
);
create index catalogue_work_left on register.catalogue_work (catalogue, chunk) where done_at is null;
create index catalogue_work_began on register.catalogue_work (began_position);

-- Records that the driver's history decides: set aside by the chunks, decided when all chunks are done, driver by driver.
create table register.catalogue_driver_work (
    catalogue    int          not null references register.catalogue,
    driver_key   uuid         not null,
    record_id    uuid         not null,
    received_at  timestamptz  not null,
    line         bytea        not null,         -- as reported, without what is personal
    primary key (catalogue, driver_key, record_id)
);

-- What a changed catalogue would do, counted without touching anything.
create table register.catalogue_preview (
    preview_id    uuid         not null primary key,
    catalogue     int          not null references register.catalogue,    -- in force when it was made
    version       text         not null,
    changes_from  date         null,
    as_of         bigint       not null,        -- the register's sequence at its beginning
    asked_at      timestamptz  not null,
    state         text         not null check (state in ('running', 'done', 'failed')),
    records       bigint       not null,
    done          bigint       not null,
    touched_at    timestamptz  not null,
    moved         jsonb        null,
    fault         text         null
);
create index catalogue_preview_asked on register.catalogue_preview (asked_at);
create table register.catalogue_preview_file (
    preview_id  uuid   not null references register.catalogue_preview,
    name        text   not null,
    bytes       bytea  not null,
    primary key (preview_id, name)
);
create table register.catalogue_preview_cell (
    preview_id  uuid    not null references register.catalogue_preview,
    cube        text    not null,
    day         date    not null,
    division    text    not null,
    keys        text    not null,
    moved       bigint  not null check (moved <> 0),
    primary key (preview_id, cube, day, division, keys)
);

-- A former standing keeps all that was decided.
alter table register.former_standing add column criminal_referral boolean null, add column law_edition text null;

create view register.published_catalogue with (security_invoker = true) as
    select id, version, kind, supersedes, changes_from, released_at, released_by, second_person, reason, state, records, done_at
    from register.catalogue;
create view register.published_preview_cell with (security_invoker = true) as
    select preview_id, cube, day, division, keys, moved from register.catalogue_preview_cell;

grant select, insert on register.catalogue, register.catalogue_file to traffic_register;
grant update (state, records, done_at, moved) on register.catalogue to traffic_register;
grant select, insert on register.catalogue_work to traffic_register;
grant update (done_at, began_position, moved) on register.catalogue_work to traffic_register;
grant select, insert, delete on register.catalogue_driver_work to traffic_register;
grant select, insert on register.catalogue_preview, register.catalogue_preview_file, register.catalogue_preview_cell to traffic_register;
grant update (state, done, touched_at, moved, fault, records, as_of) on register.catalogue_preview to traffic_register;
grant select on register.catalogue, register.published_catalogue, register.catalogue_preview_cell, register.published_preview_cell
    to traffic_intake, traffic_casework, traffic_reporting;
