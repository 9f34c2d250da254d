-- A month is made by itself and then attached: that waits for no reader of the table, and nobody has to wait behind it. Made as a part
-- from the first, it waited for the longest reader while every new record waited for it.
create or replace function platform.make_months(p_table text, p_from date, p_until date) returns int
language plpgsql as $$
declare
    m date := date_trunc('month', p_from)::date;
    made int := 0;
    name text;
begin
    perform pg_advisory_xact_lock(hashtext('traffic make_months'));
    while m <= p_until loop
        name := p_table || to_char(m, '_YYYY_MM');
        if to_regclass(name) is null then
            execute format('create table %s (like %s including all)', name, p_table);
            execute format('alter table %s attach partition %s for values from (%L) to (%L)', p_table, name,
                           m::text || ' 00:00:00+00', (m + interval '1 month')::date::text || ' 00:00:00+00');
            made := made + 1;
        end if;
        m := (m + interval '1 month')::date;
    end loop;
    return made;
end $$;
