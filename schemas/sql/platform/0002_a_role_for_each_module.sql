-- Each module acts as its own role, without rights beyond what it does. The login that migrates becomes a member of each.
do $$
declare
    module text;
begin
    foreach module in array array['intake', 'register', 'casework', 'reporting', 'console'] loop
        if not exists (select from pg_roles where rolname = 'traffic_' || module) then
            execute format('create role %I nologin', 'traffic_' || module);
        end if;
        execute format('grant %I to current_user', 'traffic_' || module);
        execute format('grant usage on schema platform to %I', 'traffic_' || module);
    end loop;
end $$;

-- What was told stays as told: nobody may update or delete a row of the log.
grant select, insert on platform.log to traffic_intake, traffic_register, traffic_casework;
grant select, update on platform.stream to traffic_intake, traffic_register, traffic_casework;
grant select on platform.subscriber to traffic_intake, traffic_register, traffic_casework;
grant select, insert, update, delete on platform.delivery to traffic_intake, traffic_register, traffic_casework;
grant select, insert on platform.quarantine to traffic_register, traffic_casework;
grant usage on sequence platform.position to traffic_intake, traffic_register, traffic_casework;
grant select on platform.stream, platform.log, platform.delivery, platform.quarantine, platform.subscriber to traffic_reporting;
