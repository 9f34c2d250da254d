-- Which unit filed a record: whom it is part of is asked when a report is read, by the tree of the record's day.
create or replace view register.published_standing with (security_invoker = true) as
    select v.record_id, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source, v.vehicle_class,
           v.origin, v.items, v.reason, v.changed_by, v.occurred_at, v.received_at, v.road_kind, v.points, v.fine_min, v.fine_max,
           v.criminal_referral, v.law_edition, v.catalogue_version, v.trace, v.overlays, v.unit_code
    from register.violation v;

grant select (unit_code) on register.violation to traffic_intake, traffic_casework, traffic_reporting;
