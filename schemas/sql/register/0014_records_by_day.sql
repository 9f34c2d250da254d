-- A page of the records behind a figure is looked for on the days, and among the entries, of which some are known to lie there.
create index violation_day_entry on register.violation (day, entry);
drop index register.violation_day;
create index former_standing_day on register.former_standing (day, entry);
