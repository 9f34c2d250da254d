-- A case that was answered stays, with the status it has now: log rows may be handled in any order, and an older revision
-- that comes last must find the newer one, or it would open the case again.
drop index casework.waiting_queue;
create index waiting_queue on casework.waiting (record_id) where status in ('captured', 'toReview', 'held');
revoke delete on casework.waiting from traffic_casework;
