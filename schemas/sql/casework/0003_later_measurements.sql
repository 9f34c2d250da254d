-- A measurement that came after the record, e.g. a blood value from the laboratory: as JSON, as it was sent.
alter table casework.decision add column measurement text null;
alter table casework.decision drop constraint decision_action_check,
    add constraint decision_action_check check (action in ('confirm', 'reject', 'void', 'resolve', 'measure')),
    add constraint decision_measurement check ((action = 'measure') = (measurement is not null));
