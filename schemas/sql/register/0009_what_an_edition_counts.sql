-- What a bulletin counts of a record, for each standing there is or was, and what changed between two sequences.
create index former_standing_ended on register.former_standing (ended_position);

create view register.published_counted_at with (security_invoker = true) as
    select v.record_id, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source, v.vehicle_class,
           v.origin, v.items, v.points, v.criminal_referral, v.overlays, b.first_sequence as began_sequence, null::bigint as ended_sequence
    from register.violation v
    join platform.log b on b.position = v.began_position
    union all
    select f.record_id, f.revision, f.status, f.entry, f.family, f.division, f.day, f.shift_date, f.shift, f.source, f.vehicle_class,
           f.origin, f.items, f.points, coalesce(f.criminal_referral, false), f.overlays, b.first_sequence, e.first_sequence
    from register.former_standing f
    join platform.log b on b.position = f.began_position
    join platform.log e on e.position = f.ended_position;

-- Records whose standing ended in a log row: the ones that changed.
create view register.published_ended with (security_invoker = true) as
    select f.record_id, f.revision, e.first_sequence as ended_sequence
    from platform.log e
    join register.former_standing f on f.ended_position = e.position
    where e.stream = 'register';

grant select on register.published_counted_at, register.published_ended to traffic_reporting;

-- Each report of what is counted beside violations, whichever of its thing's it is: one row for each that was accepted.
create view register.published_report with (security_invoker = true) as
    select record_id, received_at, kind, status from register.activity;

grant select on register.published_report to traffic_reporting;
