-- A page of the records with a tag reads those of a day that have any, and no others.
create index violation_tagged on register.violation (day, occurred_at) where overlays <> '';
