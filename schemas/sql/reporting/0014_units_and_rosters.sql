-- Police units in a tree, and which officer belonged to which of them when. What an import said stays: a later one supersedes it.
-- A report says by which version it was read, and a question as of an earlier sequence is answered by the version of then.
create table reporting.unit_import (
    version      int         not null primary key check (version > 0),     -- 1, 2, 3, …
    as_of        bigint      not null,              -- the register's sequence at which it came
    imported_at  timestamptz not null,
    imported_by  text        not null check (imported_by <> ''),
    why          text        not null check (why <> ''),
    source       text        not null check (source <> '')
);

-- What is said of a unit from a day on. It holds until its own end, or until what is said from a later day.
create table reporting.unit (
    version     int   not null references reporting.unit_import,
    unit        text  not null check (unit ~ '^[0-9]{12}$'),
    valid_from  date  not null,
    valid_to    date  null check (valid_to >= valid_from),     -- last day, included
    parent      text  null,                                    -- null for a root
    division    text  not null,
    zh          text  not null,
    en          text  not null,
    primary key (unit, valid_from, version)
);

-- An officer by number, never by name.
create table reporting.roster (
    version     int   not null references reporting.unit_import,
    officer_id  text  not null check (officer_id <> ''),
    valid_from  date  not null,
    valid_to    date  null check (valid_to >= valid_from),     -- last day, included
    unit        text  not null,
    primary key (officer_id, valid_from, version)
);

grant select, insert on reporting.unit_import, reporting.unit, reporting.roster to traffic_reporting;
