-- Crashes, dangers, observations, sessions, points and visits come through the same door: the same keys, refusals and tally, a
-- stream of their own, so that the violations' subscriber reads none of them.
insert into platform.stream (stream) values ('activity');

-- Which report says what about what: each revision of a thing is given once, so that reports form a line and never a fork.
create table intake.revision (
    activity_id  uuid  not null,                -- id of the first report, or derived (a planned visit)
    revision     int   not null check (revision > 0),
    kind         text  not null check (kind in ('crash', 'danger', 'observation', 'session', 'point', 'visit')),
    record_id    uuid  not null,
    primary key (activity_id, revision)
);

-- As before, into the stream that is named.
drop function intake.append(uuid[], bytea, bytea, bytea, text[], bigint[], bigint[], bigint[], bigint[], bigint[], text[], text[], text[]);
create function intake.append(
    p_ids uuid[], p_digests bytea, p_keys bytea, p_body bytea,
    p_senders text[], p_received bigint[], p_accepted bigint[], p_duplicate bigint[], p_conflict bigint[], p_rejected bigint[],
    p_refusal_senders text[], p_refusal_ids text[], p_refusal_faults text[], p_stream text default 'intake',
    out "position" bigint, out first_sequence bigint, out created_at timestamptz)
language plpgsql as $$
declare
    v_count int := coalesce(cardinality(p_ids), 0);
    v_new int;
begin
    created_at := clock_timestamp();
    if v_count > 0 then
        "position" := nextval('platform.position');
        insert into intake.key (record_id, digest, position, item, received_at, data_key)
            select t.id, substring(p_digests from (t.n - 1) * 32 + 1 for 32), append.position, t.n - 1, append.created_at,
                   substring(p_keys from (t.n - 1) * 60 + 1 for 60)
            from (select u.id, u.n::int as n from unnest(p_ids) with ordinality as u (id, n)) t
            order by t.id
            on conflict do nothing;
        get diagnostics v_new = row_count;
        if v_new < v_count then
            raise exception 'some keys are known' using errcode = 'TR001';
        end if;
    end if;

    insert into intake.refusal (received_at, sender, sent_as, faults)
        select append.created_at, r.sender, r.sent_as, r.faults::jsonb
        from unnest(p_refusal_senders, p_refusal_ids, p_refusal_faults) as r (sender, sent_as, faults);

    insert into intake.tally as t (hour, sender, received, accepted, duplicate, conflict, rejected, ignored)
        select date_trunc('hour', append.created_at), g.sender, g.received, g.accepted, g.duplicate, g.conflict, g.rejected, 0
        from unnest(p_senders, p_received, p_accepted, p_duplicate, p_conflict, p_rejected)
            as g (sender, received, accepted, duplicate, conflict, rejected)
        order by g.sender
        on conflict (hour, sender) do update
            set received = t.received + excluded.received, accepted = t.accepted + excluded.accepted,
                duplicate = t.duplicate + excluded.duplicate, conflict = t.conflict + excluded.conflict,
                rejected = t.rejected + excluded.rejected;

    if v_count > 0 then
        select a.first_sequence into append.first_sequence
            from platform.append(p_stream, append.position, v_count, p_body, append.created_at) a;
    end if;
end $$;

-- The same for reports that are revisions. In key order, before the keys: two groups never wait for each other in a circle. If a
-- revision is given already nothing is done and TR001 says so, as for a known key.
create function intake.append_activity(
    p_ids uuid[], p_digests bytea, p_keys bytea, p_body bytea,
    p_senders text[], p_received bigint[], p_accepted bigint[], p_duplicate bigint[], p_conflict bigint[], p_rejected bigint[],
    p_refusal_senders text[], p_refusal_ids text[], p_refusal_faults text[],
    p_activities uuid[], p_revisions int[], p_kinds text[],
    out "position" bigint, out first_sequence bigint, out created_at timestamptz)
language plpgsql as $$
declare
    v_new int;
begin
    insert into intake.revision (activity_id, revision, kind, record_id)
        select r.activity_id, r.revision, r.kind, r.record_id
        from unnest(p_activities, p_revisions, p_kinds, p_ids) as r (activity_id, revision, kind, record_id)
        order by r.activity_id, r.revision
        on conflict do nothing;
    get diagnostics v_new = row_count;
    if v_new < coalesce(cardinality(p_ids), 0) then
        raise exception 'some revisions are given' using errcode = 'TR001';
    end if;
    select a.position, a.first_sequence, a.created_at
        into append_activity.position, append_activity.first_sequence, append_activity.created_at
        from intake.append(p_ids, p_digests, p_keys, p_body, p_senders, p_received, p_accepted, p_duplicate, p_conflict, p_rejected,
                           p_refusal_senders, p_refusal_ids, p_refusal_faults, 'activity') a;
end $$;

grant select, insert on intake.revision to traffic_intake;
