-- Exact limits, and the second form of the sealed call: it also names the key that asks, what the requester said of
-- itself, and the target as it was typed, so that one question is two statements and nothing before them.
set local role federation_owner;

-- Fixed windows, per installation and so per environment; `migrate` fills in what is missing.
create table federation.rate_policy (
  kind text primary key check (kind in ('department', 'pair', 'key', 'login', 'address', 'provision')),
  hits integer not null check (hits between 1 and 1000000),
  window_seconds integer not null check (window_seconds between 1 and 86400)
);

-- null = the policy of the installation.
alter table federation.department
  alter column query_limit drop not null, alter column query_limit drop default,
  alter column query_window_seconds drop not null, alter column query_window_seconds drop default;
update federation.department d set query_limit = null, query_window_seconds = null where not exists (
  select from federation.department_config c where c.department_id = d.id and c.version = d.config_version
    and c.document #> '{custom_config,limits,queries_per_minute}' is not null);
alter table federation.department add check ((query_limit is null) = (query_window_seconds is null));
alter table federation.access_grant
  add column query_limit integer check (query_limit between 1 and 1000000),
  add column query_window_seconds integer check (query_window_seconds between 1 and 86400),
  add check ((query_limit is null) = (query_window_seconds is null));

drop table federation.rate_limit;
create unlogged table federation.rate_limit (
  key text primary key,
  started_us bigint not null,
  hits integer not null,
  refused integer not null default 0
) with (fillfactor = 20);
grant select, insert, update, delete on federation.rate_limit to federation_app;
grant select, insert, update on federation.rate_limit to federation_reader;
grant select, insert, update, delete on federation.rate_policy to federation_app;
grant select on federation.rate_policy to federation_reader;

-- Takes one hit of every limit, or of none: [{"kind", "key", "hits", "window"}], window in seconds. Rows are locked in the
-- order of their keys, so two calls never deadlock; the locks make the count exact whatever runs at the same time.
-- Answers {"refused": kind or null, "refusals": how many in that window, "limits": [{"kind", "hits", "window", "left",
-- "reset_us"}]}, tightest first.
create function federation.take_hits(wanted jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  now_us bigint := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
  taken jsonb;
begin
  with ask as (
    select w ->> 'kind' as kind, (w ->> 'kind') || ':' || (w ->> 'key') as key, (w ->> 'hits')::integer as hits,
      (w ->> 'window')::bigint * 1000000 as window_us
    from jsonb_array_elements(wanted) w
  ), counted as (
    insert into federation.rate_limit as r (key, started_us, hits)
    select a.key, now_us - now_us % a.window_us, 1 from ask a order by a.key
    on conflict (key) do update set
      hits = case when excluded.started_us > r.started_us then 1 else r.hits + 1 end,
      refused = case when excluded.started_us > r.started_us then 0 else r.refused end,
      started_us = greatest(r.started_us, excluded.started_us)
    returning r.key, r.started_us, r.hits, r.refused
  )
  select jsonb_agg(jsonb_build_object('kind', a.kind, 'key', a.key, 'hits', a.hits, 'window', a.window_us / 1000000,
      'left', a.hits - c.hits, 'reset_us', c.started_us + a.window_us - now_us) order by a.hits - c.hits, a.key)
    into taken from ask a join counted c on c.key = a.key;
  if taken is null or (taken -> 0 ->> 'left')::integer >= 0 then
    return jsonb_build_object('refused', null, 'refusals', 0, 'limits', coalesce(taken, '[]'));
  end if;
  return federation.give_back(taken);
end $$;

-- The hits of a refused call are given back, and the refusal is counted where it was refused.
create function federation.give_back(taken jsonb) returns jsonb
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  refusals integer;
begin
  update federation.rate_limit r set hits = r.hits - 1, refused = r.refused + (r.key = taken -> 0 ->> 'key')::integer
    where r.key in (select t ->> 'key' from jsonb_array_elements(taken) t);
  select r.refused into refusals from federation.rate_limit r where r.key = taken -> 0 ->> 'key';
  return jsonb_build_object('refused', taken -> 0 -> 'kind', 'refusals', refusals, 'limits', (
    select jsonb_agg(t || jsonb_build_object('left', greatest((t ->> 'left')::integer + 1, 0)) order by position)
    from jsonb_array_elements(taken) with ordinality as list (t, position)));
end $$;

-- As take_hits, by the installation's policies: [{"kind", "key"}]. A kind without a policy is not limited.
create function federation.take_policy_hits(wanted jsonb) returns jsonb
language sql set search_path = pg_catalog, pg_temp
begin atomic
  select coalesce((
    select federation.take_hits(jsonb_agg(w || jsonb_build_object('hits', p.hits, 'window', p.window_seconds)))
    from jsonb_array_elements(wanted) w join federation.rate_policy p on p.kind = w ->> 'kind'
    having count(*) > 0
  ), '{"refused": null, "refusals": 0, "limits": []}'::jsonb);
end;
revoke all on function federation.take_hits(jsonb), federation.give_back(jsonb), federation.take_policy_hits(jsonb)
  from public;
grant execute on function federation.take_hits(jsonb), federation.give_back(jsonb) to federation_app, federation_reader;
grant execute on function federation.take_policy_hits(jsonb) to federation_app;

grant create on schema gateway to federation_reader;
set local role none;
set local role federation_reader;

drop function gateway.open(uuid, uuid, text, text, text, uuid, bigint, bytea);
drop function gateway.read(uuid, uuid, text, text, text, uuid, bigint, bytea);
drop function gateway.check_call(uuid, uuid, text, text, text, uuid, bigint, bytea);
drop function gateway.place(uuid, uuid, text);
drop function gateway.admit(uuid);

-- One question as it was sealed. `target` is an id or a slug, `requester` JSON text of what the requester says of itself.
create type gateway.call as (
  caller uuid,
  client uuid,
  target text,
  kind text,
  params text,
  reason text,
  requester text,
  request_id uuid,
  expires_us bigint
);

-- Where a question leads: nothing at all for an unknown target, one that is not running and a missing grant.
create type gateway.place as (
  department uuid,
  schema_name name,
  grant_id uuid,
  query_limit integer,
  query_window_seconds integer
);

create function gateway.check_call(call gateway.call, seal bytea) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  left_us bigint := call.expires_us - (extract(epoch from clock_timestamp()) * 1000000)::bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed'
    -- 10 s, and some for clocks that differ.
    or not coalesce(left_us between 0 and 15000000, false)
    or not exists (select from gateway.query_kind k where k.kind = call.kind)
    or not coalesce(gateway.sealed(uuid_send(call.caller) || uuid_send(call.client) || uuid_send(call.request_id)
      || int8send(call.expires_us) || sha256(convert_to(call.target, 'UTF8')) || sha256(convert_to(call.kind, 'UTF8'))
      || sha256(convert_to(call.params, 'UTF8')) || sha256(convert_to(call.reason, 'UTF8'))
      || sha256(convert_to(call.requester, 'UTF8')), seal), false)
  then raise exception 'call refused' using errcode = '42501'; end if;
end $$;

-- The department of this id or slug. An id is no slug and a slug no id (the slug's CHECK and the parser of definitions).
create function gateway.find_target(target text) returns uuid
language sql stable set search_path = pg_catalog, pg_temp
begin atomic
  select d.id from federation.department d where d.slug = target and d.status <> 'deprovisioned'
  union all
  select d.id from federation.department d where d.id = case
    when target ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then target::uuid end
  limit 1;
end;

create function gateway.find_place(caller uuid, target uuid, in_kind text) returns gateway.place
language sql stable set search_path = pg_catalog, pg_temp
begin atomic
  select (d.id, d.schema_name, g.id, g.query_limit, g.query_window_seconds)::gateway.place
  from gateway.query_kind k
  join federation.department d on d.id = target and d.status in ('active', 'degraded')
  join federation.department c on c.id = caller and c.status in ('active', 'degraded')
  left join lateral (
    select g.id, g.query_limit, g.query_window_seconds from federation.access_grant g
    where g.source = caller and g.target = d.id and g.status = 'approved' and g.expires_at > clock_timestamp()
      and g.resource in (k.resource, '*') and g.permission = any (k.permissions)
    order by g.created_at, g.id limit 1
  ) g on true
  where k.kind = in_kind and (d.id = caller or g.id is not null);
end;

-- What this question counts against; the pair only where there is one.
create function gateway.limits_of(call gateway.call, place gateway.place) returns jsonb
language sql stable set search_path = pg_catalog, pg_temp
begin atomic
  select jsonb_agg(jsonb_build_object('kind', p.kind,
    'key', case p.kind when 'department' then call.caller::text when 'key' then call.client::text
      else coalesce('grant:' || case when place.query_limit is not null then place.grant_id end,
        call.caller || ':' || place.department) end,
    'hits', case p.kind when 'department' then coalesce(d.query_limit, p.hits)
      when 'pair' then coalesce(place.query_limit, p.hits) else p.hits end,
    'window', case p.kind when 'department' then coalesce(d.query_window_seconds, p.window_seconds)
      when 'pair' then coalesce(place.query_window_seconds, p.window_seconds) else p.window_seconds end))
  from federation.rate_policy p join federation.department d on d.id = call.caller
  where p.kind in ('department', 'key') or (p.kind = 'pair' and place.department <> call.caller);
end;

-- First half of a question: seal, grant, limits, record. Only once it is committed does the second half answer.
-- Answers {"decision", "refused", "limits"}. Of refusals by a limit the 1st, 10th, 100th … of a window are on record.
create function gateway.open(call gateway.call, seal bytea) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  target uuid;
  place gateway.place;
  taken jsonb;
  decision text;
begin
  perform gateway.check_call(call, seal);
  -- A session may have switched it off, and the record has to survive a crash before the answer leaves.
  if current_setting('synchronous_commit') = 'off' then perform set_config('synchronous_commit', 'on', true); end if;
  target := gateway.find_target(call.target);
  place := gateway.find_place(call.caller, target, call.kind);
  taken := federation.take_hits(gateway.limits_of(call, place));
  decision := case when taken ->> 'refused' is not null then 'limited'
    when place.department is null then 'denied' else 'allowed' end;
  if decision <> 'limited' or taken ->> 'refusals' ~ '^10*$' then
    perform audit.append(jsonb_build_array(jsonb_build_object(
      'stream', call.caller, 'actor', call.client, 'actor_kind', 'client', 'action', 'gateway.' || call.kind,
      -- Who reads its own trail learns nothing of a target that did not answer: there it stands as it was typed.
      'target', case decision when 'allowed' then target::text else call.target end, 'decision', decision, 'reason', call.reason,
      'request_id', call.request_id,
      'meta', jsonb_strip_nulls(jsonb_build_object('grant', place.grant_id, 'limit', taken -> 'refused',
        'refusals', case decision when 'limited' then taken -> 'refusals' end, 'requester', nullif(call.requester::jsonb, '{}'),
        'params_sha256', encode(sha256(convert_to(call.params, 'UTF8')), 'hex'))))));
  end if;
  return jsonb_build_object('decision', decision) || taken;
end $$;

-- Second half: the answer, or null when no committed record allows this very question. A transaction that has written
-- nothing sees only what others committed, so the record it finds is not its own.
create function gateway.read(call gateway.call, seal bytea) returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  place gateway.place;
  results jsonb;
begin
  perform gateway.check_call(call, seal);
  place := gateway.find_place(call.caller, gateway.find_target(call.target), call.kind);
  if place.department is null or pg_current_xact_id_if_assigned() is not null or not exists (
    select from audit.event e
    where e.request_id = call.request_id and e.stream = call.caller and e.decision = 'allowed'
      and e.action = 'gateway.' || call.kind and e.target = place.department::text
      and e.actor = call.client::text and e.reason = call.reason
      and e.meta::jsonb ->> 'params_sha256' = encode(sha256(convert_to(call.params, 'UTF8')), 'hex')
      and coalesce(e.meta::jsonb -> 'requester', '{}') = jsonb_strip_nulls(call.requester::jsonb)
      and e.at_us > call.expires_us - 60000000
  ) then return null; end if;
  execute format('select %I.%I($1)', place.schema_name, call.kind) into results using call.params::jsonb;
  return results;
end $$;

revoke all on all functions in schema gateway from public;
grant execute on function gateway.owns(uuid) to public;
grant usage on type gateway.call to federation_gateway;
grant execute on function gateway.open(gateway.call, bytea), gateway.read(gateway.call, bytea) to federation_gateway;
set local role none;
set local role federation_owner;
revoke create on schema gateway from federation_reader;
