-- Bodies are lines of much the same words: LZ4 keeps them in a third of the bytes for less than writing the rest would cost. A server
-- built without it keeps them as they are. A partition made later takes both settings from its parent.
do $$
declare
    part regclass;
begin
    for part in select 'platform.log'::regclass union all select inhrelid::regclass from pg_inherits where inhparent = 'platform.log'::regclass loop
        execute format('alter table %s alter column body set compression lz4', part);
    end loop;
    alter table platform.log alter column body set storage extended;
exception when feature_not_supported then
    raise notice 'this server has no LZ4: the bodies of the log stay as they are';
end $$;
