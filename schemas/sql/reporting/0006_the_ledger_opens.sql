-- What was refused, for whoever opens the ledger: what was wrong, never what was said.
create view intake.published_refusal with (security_invoker = true) as
    select id, received_at, sender, sent_as, faults from intake.refusal;
grant select on intake.refusal, intake.published_refusal to traffic_reporting;
