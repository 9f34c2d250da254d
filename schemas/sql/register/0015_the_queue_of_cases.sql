-- What waits for a person, in the order in which it was reported: what waits longest is seen first. Rows come in that order, so
-- that each new one is written beside the one before.
create index violation_waiting on register.violation (position, item) where status in ('captured', 'toReview', 'held');

create or replace view register.published_standing with (security_invoker = true) as
    select v.record_id, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source, v.vehicle_class,
           v.origin, v.items, v.reason, v.changed_by, v.occurred_at, v.received_at, v.road_kind, v.points, v.fine_min, v.fine_max,
           v.criminal_referral, v.law_edition, v.catalogue_version, v.trace, v.overlays, v.unit_code, v.position, v.item
    from register.violation v;

grant select (position, item) on register.violation to traffic_intake, traffic_casework, traffic_reporting;
