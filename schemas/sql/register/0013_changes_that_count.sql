-- What moves a count, one row a change: a revision that began counts 1 from the sequence of its log row on, one that ended takes 1
-- away. The sum of all up to a sequence is what stood then.
alter table register.former_standing add column unit_code text null;
update register.former_standing f set unit_code = v.unit_code from register.violation v where v.record_id = f.record_id and v.unit_code is not null;

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
