-- Tags of the campaign's overlays (key vehicles, drivers, roads, places), each the id of the rule that gave it, joined by commas.
alter table register.violation add column overlays text not null default '';
alter table register.former_standing add column overlays text not null default '';
alter table register.catalogue_word drop constraint catalogue_word_kind_check,
    add constraint catalogue_word_kind_check check (kind in ('family', 'item', 'overlay'));

-- What a driver did that weighs: asked for by drivers who do it again.
create index violation_driver on register.violation (driver_key, occurred_at)
    where driver_key is not null and (points > 0 or family in ('drink-driving', 'fatigue'));

-- What several cameras may have seen of one act. The hash is short and cheap to keep; the plate itself is compared too.
create index violation_act on register.violation (hashtext(plate), occurred_at)
    where source = 'camera' and plate is not null and family in ('speeding', 'illegal-parking', 'emergency-lane', 'wrong-lane');

-- Measurements that came after the record, e.g. a blood value: each made a new revision. Never edited.
create table register.later_measurement (
    record_id    uuid         not null,
    decision_id  uuid         not null,         -- what a person sent
    nth          int          not null,
    quantity     text         not null,
    value        numeric      not null,
    unit         text         not null,
    instrument   text         null,
    measured_at  timestamptz  null,
    primary key (record_id, decision_id, nth)
);

create or replace view register.published_standing_at with (security_invoker = true) as
    select v.record_id, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source, v.vehicle_class,
           v.origin, v.items, b.first_sequence as began_sequence, null::bigint as ended_sequence, v.overlays, v.criminal_referral
    from register.violation v
    join platform.log b on b.position = v.began_position
    union all
    select f.record_id, f.revision, f.status, f.entry, f.family, f.division, f.day, f.shift_date, f.shift, f.source, f.vehicle_class,
           f.origin, f.items, b.first_sequence, e.first_sequence, f.overlays, coalesce(f.criminal_referral, false)
    from register.former_standing f
    join platform.log b on b.position = f.began_position
    join platform.log e on e.position = f.ended_position;

create or replace view register.published_standing with (security_invoker = true) as
    select v.record_id, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source, v.vehicle_class,
           v.origin, v.items, v.reason, v.changed_by, v.occurred_at, v.received_at, v.road_kind, v.points, v.fine_min, v.fine_max,
           v.criminal_referral, v.law_edition, v.catalogue_version, v.trace, v.overlays
    from register.violation v;

grant select (overlays) on register.violation to traffic_intake, traffic_casework, traffic_reporting;
grant select, insert on register.later_measurement to traffic_register;
grant select on register.later_measurement to traffic_casework, traffic_intake, traffic_reporting;
