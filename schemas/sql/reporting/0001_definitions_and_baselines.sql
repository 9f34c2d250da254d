-- Campaigns as they were used: every version of every target definition, and the baselines frozen when a campaign began.
create schema if not exists reporting;

-- A definition in use is superseded by a new version, never edited: of a stored one only the end may still be set, once.
create table reporting.definition (
    campaign     text        not null,
    line         text        not null,
    version      int         not null check (version > 0),
    body         text        not null,              -- canonical JSON, without its end
    digest       bytea       not null check (length(digest) = 32),     -- SHA-256 of body
    valid_from   date        not null,
    valid_to     date        null,                  -- last day it judges, included
    recorded_by  text        not null check (recorded_by <> ''),
    why          text        not null check (why <> ''),
    recorded_at  timestamptz not null,
    primary key (campaign, line, version),
    check (valid_to is null or valid_to >= valid_from)
);

create function reporting.keep_definition() returns trigger language plpgsql as $$
begin
    if (new.campaign, new.line, new.version, new.body, new.digest, new.valid_from, new.recorded_by, new.why, new.recorded_at)
        is distinct from (old.campaign, old.line, old.version, old.body, old.digest, old.valid_from, old.recorded_by, old.why, old.recorded_at)
        or old.valid_to is not null then
        raise exception 'Version % of % in % is in use: supersede it.', old.version, old.line, old.campaign using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger keep_definition before update on reporting.definition for each row execute function reporting.keep_definition();

-- The year before a campaign, day by day, as the register had it when a person froze it. Written once; late records do not move it.
create table reporting.baseline (
    campaign   text        not null primary key,
    from_day   date        not null,
    to_day     date        not null,
    as_of      bigint      not null,                -- the register's sequence
    frozen_at  timestamptz not null,
    frozen_by  text        not null check (frozen_by <> ''),
    why        text        not null check (why <> ''),
    lines      text[]      not null                 -- what it holds: the definitions, as line@version
);
create table reporting.baseline_day (
    campaign     text   not null references reporting.baseline,
    line         text   not null,
    version      int    not null,
    day          date   not null,
    division     text   not null,
    numerator    bigint not null,
    denominator  bigint null,
    primary key (campaign, line, version, day, division)
);

grant usage on schema reporting to traffic_reporting;
grant select, insert, update (valid_to) on reporting.definition to traffic_reporting;
grant select, insert on reporting.baseline, reporting.baseline_day to traffic_reporting;
