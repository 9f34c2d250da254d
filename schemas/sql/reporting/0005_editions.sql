-- Bulletins and assessments: written once when they are frozen, and the same bytes for ever. Nobody may update or delete here.
create schema if not exists reporting;

create table reporting.edition (
    edition             text        not null primary key,   -- e.g. weekly-152500-2022-W27-1
    kind                text        not null check (kind in ('weekly', 'monthly')),
    division            text        not null,
    period              text        not null,               -- 2022-W27, 2022-07
    number              int         not null check (number > 0),    -- 1, and one more with each restatement
    from_day            date        not null,
    to_day              date        not null,
    as_of               bigint      not null,               -- the register's sequence it was frozen at
    frozen_at           timestamptz not null,
    unregistered_since  timestamptz not null,               -- whatever is registered later was received at this moment or after it
    root                bytea       not null check (length(root) = 32),
    leaves              int         not null,
    model               bytea       not null,               -- JSON, as given out
    leaf_index          bytea       not null,               -- 24 bytes a leaf: record id, then the first 8 of its leaf's hash
    restates            text        null references reporting.edition,
    requested_by        text        null,
    reason              text        null,
    unique (kind, division, period, number),
    check ((number = 1) = (restates is null)),
    check ((restates is null) = (requested_by is null) and (restates is null) = (reason is null))
);
alter table reporting.edition alter column leaf_index set storage external;

create table reporting.edition_signature (
    edition    text        not null primary key references reporting.edition,
    signed_by  text        not null check (signed_by <> ''),
    note       text        null,
    signed_at  timestamptz not null
);

-- What follows from a finding: who does what by when.
create table reporting.task (
    task_id     uuid        not null primary key,
    edition     text        not null references reporting.edition,
    finding     text        not null,                       -- its id in the edition
    owner       text        not null check (owner <> ''),
    due         date        not null,
    text        text        not null,
    given_by    text        not null check (given_by <> ''),
    given_at    timestamptz not null
);
create index task_edition on reporting.task (edition);

create table reporting.task_closing (
    task_id    uuid        not null primary key references reporting.task,
    closed_by  text        not null check (closed_by <> ''),
    note       text        not null check (note <> ''),
    closed_at  timestamptz not null
);

grant usage on schema reporting to traffic_reporting;
grant select, insert on reporting.edition, reporting.edition_signature, reporting.task, reporting.task_closing to traffic_reporting;
