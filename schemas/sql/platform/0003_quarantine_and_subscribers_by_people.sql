-- What people do about quarantine and subscribers, each as one transaction, and harmless when repeated.

-- Reads what is owed, quarantined and subscribed, for health, metrics and the list of quarantine. Sees no body.
do $$ begin
    if not exists (select from pg_roles where rolname = 'traffic_operator') then
        create role traffic_operator nologin;
    end if;
    grant traffic_operator to current_user;
end $$;
grant usage on schema platform to traffic_operator;
grant select on platform.stream, platform.subscriber, platform.delivery, platform.quarantine to traffic_operator;
grant select (position, created_at, stream, first_sequence, items) on platform.log to traffic_operator;

-- What was in quarantine before it was owed again: who said so, and why it had been there.
create table platform.quarantine_retry (
    subscriber      text        not null references platform.subscriber,
    position        bigint      not null,
    item            int         not null,
    attempts        int         not null,
    reason          text        not null,
    quarantined_at  timestamptz not null,
    retried_at      timestamptz not null default clock_timestamp(),
    retried_by      text        not null check (retried_by <> ''),
    primary key (subscriber, position, item, retried_at)
);
grant select on platform.quarantine_retry to traffic_operator;

-- Quarantine row out, delivery in. 'retried' | 'owed' (already) | 'done' (already) | 'closed' (stays so) | 'unknown'.
create function platform.retry_quarantined(p_subscriber text, p_position bigint, p_item int, p_by text) returns text
language plpgsql as $$
declare
    q platform.quarantine;
begin
    select * into q from platform.quarantine
        where subscriber = p_subscriber and "position" = p_position and item = p_item for update;
    if found then
        if q.closed_at is not null then
            return 'closed';
        end if;
        delete from platform.quarantine where subscriber = p_subscriber and "position" = p_position and item = p_item;
        insert into platform.quarantine_retry (subscriber, position, item, attempts, reason, quarantined_at, retried_by)
            values (q.subscriber, q.position, q.item, q.attempts, q.reason, q.quarantined_at, p_by);
        insert into platform.delivery (subscriber, position, first_item, items, created_at, next_try_at)
            values (q.subscriber, q.position, q.item, 1, q.created_at, clock_timestamp());
        return 'retried';
    end if;
    if exists (select from platform.delivery d where d.subscriber = p_subscriber and d.position = p_position
               and p_item >= d.first_item and p_item < d.first_item + d.items) then
        return 'owed';
    end if;
    if exists (select from platform.subscriber s join platform.log l using (stream)
               where s.subscriber = p_subscriber and l.position = p_position and p_item >= 0 and p_item < l.items) then
        return 'done';
    end if;
    return 'unknown';
end $$;

-- Says that it will never be done. It stays listed and counted. 'closed' (now, or before with the same words) |
-- 'closedOtherwise' | 'unknown'.
create function platform.close_quarantined(p_subscriber text, p_position bigint, p_item int, p_by text, p_second text, p_reason text)
returns text
language plpgsql as $$
declare
    q platform.quarantine;
begin
    select * into q from platform.quarantine
        where subscriber = p_subscriber and "position" = p_position and item = p_item for update;
    if not found then
        return 'unknown';
    end if;
    if q.closed_at is null then
        update platform.quarantine
            set closed_at = clock_timestamp(), closed_by = p_by, closed_second = p_second, closed_reason = p_reason
            where subscriber = p_subscriber and "position" = p_position and item = p_item;
        return 'closed';
    end if;
    return case when (q.closed_by, q.closed_second, q.closed_reason) = (p_by, p_second, p_reason) then 'closed' else 'closedOtherwise' end;
end $$;

-- Owes a subscriber rows of its stream again; rows it owes already, whole or in part, or has in quarantine, are left as they are.
create function platform.replay(p_subscriber text, p_from bigint, p_until bigint, out deliveries bigint, out records bigint)
language plpgsql as $$
declare
    v_stream text;
begin
    select s.stream into v_stream from platform.subscriber s where s.subscriber = p_subscriber;
    perform 1 from platform.stream s where s.stream = v_stream for update;
    with again as (
        insert into platform.delivery (subscriber, position, first_item, items, created_at, next_try_at)
        select p_subscriber, l.position, 0, l.items, l.created_at, clock_timestamp()
        from platform.log l
        where l.stream = v_stream and l.position between p_from and p_until
          and not exists (select from platform.delivery d where d.subscriber = p_subscriber and d.position = l.position)
          and not exists (select from platform.quarantine q where q.subscriber = p_subscriber and q.position = l.position)
        on conflict do nothing
        returning items)
    select count(*), coalesce(sum(items), 0) into deliveries, records from again;
end $$;

-- Forgets a subscriber and what it still owed. 'removed' | 'absent' | 'quarantined' (its rows in quarantine stay counted: refused).
create function platform.unsubscribe(p_subscriber text) returns text
language plpgsql as $$
declare
    v_stream text;
begin
    select s.stream into v_stream from platform.subscriber s where s.subscriber = p_subscriber;
    if not found then
        return 'absent';
    end if;
    -- No row of the log is appended while the lock is held, so none is owed to nobody.
    perform 1 from platform.stream s where s.stream = v_stream for update;
    if exists (select from platform.quarantine q where q.subscriber = p_subscriber) then
        return 'quarantined';
    end if;
    delete from platform.delivery d where d.subscriber = p_subscriber;
    delete from platform.quarantine_retry r where r.subscriber = p_subscriber;
    delete from platform.subscriber s where s.subscriber = p_subscriber;
    return 'removed';
end $$;
