-- One act of a vehicle on one road must not be punished twice (一事不再罚). What several cameras may have seen of it has one number:
-- a keyed hash of plate, offence, division and road; null where no window for it is known.
drop index register.violation_act;
alter table register.violation add column act bigint null;
create index violation_act on register.violation (act, occurred_at) where act is not null;
