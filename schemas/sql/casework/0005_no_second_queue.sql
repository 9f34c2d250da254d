-- The queue is read where the Register keeps it: a copy of it had to be learned record by record, and came later.
delete from platform.quarantine where subscriber = 'learn-standings';
select platform.unsubscribe('learn-standings');
drop table casework.waiting;
