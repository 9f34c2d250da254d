-- A page shows the first records of a day in the order in which they happened: it reads those and no others. Where only some entries or one division are
-- asked for, the index tells which records to leave out.
create index violation_day_time on register.violation (day, occurred_at, entry, division);
drop index register.violation_day_entry;
