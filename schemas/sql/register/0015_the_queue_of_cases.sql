-- What waits for a person, in the order in which it was reported: what waits longest is seen first. Rows come in that order, so
-- that each new one is written beside the one before.
create index violation_waiting on register.violation (position, item) where status in ('captured', 'toReview', 'held');

-- A record as a case, answered or not: where a page of the queue begins does not hang on whether the last one of the page before still waits.
create view register.published_case with (security_invoker = true) as
    select v.record_id, v.position, v.item, v.revision, v.status, v.entry, v.family, v.division, v.day, v.reason
    from register.violation v;

grant select (position, item) on register.violation to traffic_casework;
grant select on register.published_case to traffic_casework;
