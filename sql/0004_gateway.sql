-- The sealed call: a cross-department question enters as one HMAC over all of it, is put on record, then answered.
-- Everything here belongs to federation_reader, which nobody can become once the installation is done.
set local role federation_owner;

create schema gateway;

-- HMAC key pads (key xor 0x36.. and 0x5c..); two rows while a key rotates.
create table gateway.seal_key (
  id smallint primary key,
  inner_pad bytea not null check (length(inner_pad) = 64),
  outer_pad bytea not null check (length(outer_pad) = 64),
  not_after timestamptz not null
);

-- What a grant must say for each kind of question (docs/decisions/0004-grant-permissions.md).
create table gateway.query_kind (
  kind text primary key check (kind ~ '^[a-z_]{1,40}$'),
  resource text not null check (resource in ('documents', 'contacts', 'emails', 'calendar', '*')),
  permissions text[] not null check (permissions <@ array['read', 'search', 'aggregate'] and permissions <> '{}')
);
insert into gateway.query_kind (kind, resource, permissions) values
  ('search_documents', 'documents', '{search,read}'),
  ('get_document', 'documents', '{read}'),
  ('search_contacts', 'contacts', '{search,read}'),
  ('get_contact', 'contacts', '{read}'),
  ('search_emails', 'emails', '{search,read}'),
  ('list_events', 'calendar', '{search,read}'),
  ('aggregate_documents', 'documents', '{aggregate}'),
  ('aggregate_activity', '*', '{aggregate}');

-- Declared immutable although it is not: the planner then folds it away, so that full-text and other indexes whose
-- operators are not leakproof stay usable. Safe because a plan under a row policy is made anew for another role.
create function gateway.role_in(variadic roles name[]) returns boolean
language sql immutable parallel safe set search_path = pg_catalog, pg_temp
return current_user = any (roles);

grant usage on schema gateway to federation_reader, federation_gateway;
grant create on schema gateway to federation_reader;
grant select on gateway.seal_key, gateway.query_kind to federation_reader;
set local role federation_reader;

-- Compares hashes of the two seals, so the time it takes tells nothing about either.
create function gateway.sealed(message bytea, seal bytea) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return exists (select from gateway.seal_key k where k.not_after > clock_timestamp()
    and sha256(sha256(k.outer_pad || sha256(k.inner_pad || message))) = sha256(seal));
end $$;

-- Whether this transaction holds a sealed context for the department: gateway.seal = '<expiry µs>.<hex>'.
create function gateway.owns(department uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  parts text[] := regexp_match(current_setting('gateway.seal', true), '^([0-9]{1,18})\.([0-9a-f]{64})$');
begin
  return coalesce(parts[1]::bigint > extract(epoch from clock_timestamp()) * 1000000
    and gateway.sealed(uuid_send(department) || int8send(parts[1]::bigint), decode(parts[2], 'hex')), false);
end $$;

create function gateway.check_call(
  caller uuid, target uuid, in_kind text, params text, reason text, request_id uuid, expires_us bigint, seal bytea
) returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  left_us bigint := expires_us - (extract(epoch from clock_timestamp()) * 1000000)::bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed'
    -- 10 s, and some for clocks that differ.
    or not coalesce(left_us between 0 and 15000000, false)
    or not exists (select from gateway.query_kind k where k.kind = in_kind)
    or not coalesce(gateway.sealed(uuid_send(caller) || uuid_send(target) || uuid_send(request_id)
      || int8send(expires_us) || sha256(convert_to(in_kind, 'UTF8')) || sha256(convert_to(params, 'UTF8'))
      || sha256(convert_to(reason, 'UTF8')), seal), false)
  then raise exception 'call refused' using errcode = '42501'; end if;
end $$;

-- The schema to read, or null: an unknown target, one that is not running and a missing grant look the same.
create function gateway.place(caller uuid, in_target uuid, in_kind text) returns name
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  return (
    select d.schema_name
    from gateway.query_kind k, federation.department d
    where k.kind = in_kind and d.id = in_target and d.status in ('active', 'degraded')
      and (d.id = caller or (
        exists (select from federation.department c where c.id = caller and c.status in ('active', 'degraded'))
        and exists (select from federation.access_grant g where g.source = caller and g.target = d.id
          and g.status = 'approved' and g.expires_at > clock_timestamp()
          and g.resource in (k.resource, '*') and g.permission = any (k.permissions)))));
end $$;

-- Exact fixed window: the row's lock makes the count right whatever runs at the same time. Answers µs to wait, 0 = go.
create function gateway.admit(caller uuid) returns bigint
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  now_us bigint := (extract(epoch from clock_timestamp()) * 1000000)::bigint;
  max_hits integer;
  window_us bigint;
  started bigint;
begin
  select d.query_limit, d.query_window_seconds * 1000000::bigint into max_hits, window_us
    from federation.department d where d.id = caller;
  if not found then raise exception 'call refused' using errcode = '42501'; end if;
  started := now_us - now_us % window_us;
  insert into federation.rate_limit as r (key, started_us, hits) values (caller, started, 1)
  on conflict (key) do update set
    started_us = greatest(r.started_us, excluded.started_us),
    hits = case when excluded.started_us > r.started_us then 1 else r.hits + 1 end
  where excluded.started_us > r.started_us or r.hits < max_hits;
  return case when found then 0 else started + window_us - now_us end;
end $$;

-- First half of a question: seal, limit, grant, record. The caller must commit before it asks for the answer.
create function gateway.open(
  caller uuid, target uuid, kind text, params text, reason text, request_id uuid, expires_us bigint, seal bytea,
  out decision text, out retry_us bigint
) language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform gateway.check_call(caller, target, kind, params, reason, request_id, expires_us, seal);
  -- A session may have switched it off, and the record has to survive a crash before the answer leaves.
  if current_setting('synchronous_commit') = 'off' then perform set_config('synchronous_commit', 'on', true); end if;
  retry_us := gateway.admit(caller);
  decision := case when retry_us > 0 then 'limited'
    when gateway.place(caller, target, kind) is null then 'denied' else 'allowed' end;
  perform audit.append(jsonb_build_array(jsonb_build_object(
    'stream', caller, 'actor', caller, 'actor_kind', 'client', 'action', 'gateway.' || kind, 'target', target,
    'decision', decision, 'reason', reason, 'request_id', request_id,
    'meta', jsonb_build_object('params_sha256', encode(sha256(convert_to(params, 'UTF8')), 'hex')))));
end $$;

-- Second half: the answer, or null when no committed record allows it. A transaction that has written nothing sees
-- only what others committed, so the record it finds is not its own.
create function gateway.read(
  caller uuid, in_target uuid, kind text, params text, reason text, in_request uuid, expires_us bigint, seal bytea
) returns jsonb language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  place name;
  recent_us bigint := expires_us - 60000000;
  results jsonb;
begin
  perform gateway.check_call(caller, in_target, kind, params, reason, in_request, expires_us, seal);
  place := gateway.place(caller, in_target, kind);
  if place is null or pg_current_xact_id_if_assigned() is not null or not exists (
    select from audit.event e
    where e.request_id = in_request and e.stream = caller and e.decision = 'allowed'
      and e.action = 'gateway.' || kind and e.target = in_target::text and e.at_us > recent_us
  ) then return null; end if;
  execute format('select %I.%I($1)', place, kind) into results using params::jsonb;
  return results;
end $$;

revoke all on all functions in schema gateway from public;
grant execute on function gateway.owns(uuid) to public;
grant execute on function gateway.open(uuid, uuid, text, text, text, uuid, bigint, bytea),
  gateway.read(uuid, uuid, text, text, text, uuid, bigint, bytea) to federation_gateway;
set local role federation_owner;
revoke create on schema gateway from federation_reader;
