-- What waits longest is seen first. The log row a case was first learned from keeps its place in the queue; by random ids every
-- new case would be written to another page of the index.
drop index casework.waiting_queue;
create index waiting_queue on casework.waiting (position, record_id) where status in ('captured', 'toReview', 'held');
comment on column casework.waiting.position is 'the register''s log row it was first learned from: its place in the queue';
