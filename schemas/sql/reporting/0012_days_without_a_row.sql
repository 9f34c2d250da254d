-- A day of a frozen baseline on which one side of a rate has no row: of that side nothing is known there, which is not 0.
alter table reporting.baseline_day alter column numerator drop not null;
