-- What moves a count, one row a change: a revision that began counts 1 from the sequence of its log row on, one that ended takes 1
-- away. The sum of all up to a sequence is what stood then.
-- A former standing says when its record happened and who filed it, so that nobody need look for the record's present one.
alter table register.former_standing add column unit_code text null, add column occurred_at timestamptz null;
update register.former_standing f set unit_code = v.unit_code, occurred_at = v.occurred_at from register.violation v where v.record_id = f.record_id;

create view register.published_count_change with (security_invoker = true) as
    select b.first_sequence as sequence, 1 as change, v.day, v.shift_date, v.division, v.entry, v.family, v.status, v.shift, v.source,
           v.vehicle_class, v.origin, v.items, v.overlays, v.points, v.criminal_referral, v.unit_code
    from register.violation v
    join platform.log b on b.position = v.began_position
    union all
    select case ends.change when 1 then b.first_sequence else e.first_sequence end, ends.change, f.day, f.shift_date, f.division, f.entry, f.family, f.status,
           f.shift, f.source, f.vehicle_class, f.origin, f.items, f.overlays, f.points, coalesce(f.criminal_referral, false), f.unit_code
    from register.former_standing f
    join platform.log b on b.position = f.began_position
    join platform.log e on e.position = f.ended_position
    cross join (values (1), (-1)) as ends (change);

grant select on register.published_count_change to traffic_reporting;

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
