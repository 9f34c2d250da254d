-- Finds the register's rows from a sequence on: who keeps counts reads what came after.
create index log_register_sequence on platform.log (first_sequence) where stream = 'register';
