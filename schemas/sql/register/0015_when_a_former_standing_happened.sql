-- A former standing says when its record happened, so that a list as of a past sequence need not look for each record's present one.
alter table register.former_standing add column occurred_at timestamptz null;
update register.former_standing f set occurred_at = v.occurred_at from register.violation v where v.record_id = f.record_id;

create or replace view register.published_counted_at with (security_invoker = true) as
    select v.record_id, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source, v.vehicle_class,
           v.origin, v.items, v.points, v.criminal_referral, v.overlays, b.first_sequence as began_sequence, null::bigint as ended_sequence,
           v.occurred_at, v.unit_code
    from register.violation v
    join platform.log b on b.position = v.began_position
    union all
    select f.record_id, f.revision, f.status, f.entry, f.family, f.division, f.day, f.shift_date, f.shift, f.source, f.vehicle_class,
           f.origin, f.items, f.points, coalesce(f.criminal_referral, false), f.overlays, b.first_sequence, e.first_sequence,
           f.occurred_at, f.unit_code
    from register.former_standing f
    join platform.log b on b.position = f.began_position
    join platform.log e on e.position = f.ended_position;
