-- What happened, kept so that a later change shows: one hash chain per department and one for the platform.
set local role federation_owner;

create schema audit;
grant usage on schema audit to federation_app, federation_reader, federation_provisioner;

create table audit.event (
  stream uuid not null,
  seq bigint not null check (seq > 0),
  at_us bigint not null,
  actor text not null,
  actor_kind text not null check (actor_kind in ('member', 'client', 'system')),
  action text not null check (action ~ '^[a-z0-9_]+(\.[a-z0-9_]+)+$'),
  target text,
  department uuid,
  decision text not null check (decision in ('allowed', 'denied', 'limited', 'done', 'failed')),
  reason text,
  request_id uuid,
  meta text not null,
  subject_commit bytea,
  prev bytea not null,
  hash bytea not null,
  -- Lets gateway.read demand that the permission was committed before, by another transaction.
  xact xid8 not null default pg_current_xact_id(),
  primary key (stream, seq, at_us)
) partition by range (at_us);
create index event_request on audit.event (request_id) where request_id is not null;
create index event_target on audit.event (target, at_us) where target is not null;

create table audit.head (
  stream uuid primary key,
  seq bigint not null default 0,
  at_us bigint not null default 0,
  hash bytea not null default sha256('')
) with (fillfactor = 20);

create table audit.checkpoint (
  id uuid primary key,
  at_us bigint not null,
  root bytea not null,
  heads bigint not null,
  key_id text not null,
  signature bytea not null,
  anchored_at timestamptz
);

create function audit.refuse() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'audit events are never changed' using errcode = '42501';
end $$;
create trigger append_only before update or delete on audit.event for each row execute function audit.refuse();
create trigger no_truncate before truncate on audit.event for each statement execute function audit.refuse();

-- Partitions get no grants: who may read the parent still cannot read one of them directly.
create function audit.ensure_partitions(months_ahead integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  month timestamp;
  partition_name text;
  made integer := 0;
begin
  -- One at a time, while writers and readers go on.
  lock table audit.event in share update exclusive mode;
  for month in
    select generate_series(first, first + make_interval(months => months_ahead), '1 month')
    from date_trunc('month', clock_timestamp() at time zone 'UTC') as first
  loop
    partition_name := 'event_' || to_char(month, 'YYYYMM');
    continue when to_regclass('audit.' || partition_name) is not null;
    -- Attached afterwards: "partition of" would lock out every writer and reader.
    execute format('create table audit.%I (like audit.event including defaults including constraints)', partition_name);
    execute format('create trigger no_truncate before truncate on audit.%I for each statement execute function audit.refuse()', partition_name);
    execute format('alter table audit.event attach partition audit.%I for values from (%s) to (%s)', partition_name,
      extract(epoch from month)::bigint * 1000000,
      extract(epoch from month + interval '1 month')::bigint * 1000000);
    made := made + 1;
  end loop;
  return made;
end $$;

create function audit.open_stream(stream uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
begin atomic
  insert into audit.head (stream) values (stream) on conflict do nothing;
end;

create function audit.field(value bytea) returns bytea
language sql immutable parallel safe
return coalesce(int4send(length(value)) || value, '\xffffffff'::bytea);

-- Stable as convert_to is, or it would not be inlined.
create function audit.field(value text) returns bytea
language sql stable parallel safe
return audit.field(convert_to(value, 'UTF8'));

-- Appends all events of a transaction: [{stream, actor, actor_kind, action, target?, department?, decision, reason?,
-- request_id?, meta?, subject_commit? (hex)}]. Heads are locked in the order of their ids, so two calls never deadlock.
create function audit.append(events jsonb) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  platform constant uuid := '00000000-0000-0000-0000-000000000000';
  head audit.head;
  event audit.event;
  appended integer := 0;
begin
  for event.stream, event.actor, event.actor_kind, event.action, event.target, event.department, event.decision,
    event.reason, event.request_id, event.meta, event.subject_commit in
    select (e ->> 'stream')::uuid, e ->> 'actor', e ->> 'actor_kind', e ->> 'action', e ->> 'target',
      coalesce((e ->> 'department')::uuid, nullif((e ->> 'stream')::uuid, platform)), e ->> 'decision',
      e ->> 'reason', (e ->> 'request_id')::uuid, coalesce(e ->> 'meta', '{}'), decode(e ->> 'subject_commit', 'hex')
    from jsonb_array_elements(events) with ordinality as list (e, position)
    order by 1, position
  loop
    if head.stream is distinct from event.stream then
      if appended > 0 then
        update audit.head h set seq = head.seq, at_us = head.at_us, hash = head.hash where h.stream = head.stream;
      end if;
      select * into head from audit.head h where h.stream = event.stream for update;
      if not found and event.stream = platform then
        perform audit.open_stream(platform);
        select * into head from audit.head h where h.stream = platform for update;
      elsif not found then
        raise exception 'there is no such audit stream' using errcode = '55000';
      end if;
    end if;
    event.prev := head.hash;
    head.seq := head.seq + 1;
    head.at_us := greatest(head.at_us + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint);
    head.hash := sha256(head.hash || uuid_send(event.stream) || int8send(head.seq) || int8send(head.at_us)
      || audit.field(event.actor) || audit.field(event.actor_kind) || audit.field(event.action)
      || audit.field(event.target) || audit.field(uuid_send(event.department)) || audit.field(event.decision)
      || audit.field(event.reason) || audit.field(uuid_send(event.request_id)) || audit.field(event.meta)
      || audit.field(event.subject_commit));
    insert into audit.event values (event.stream, head.seq, head.at_us, event.actor, event.actor_kind, event.action,
      event.target, event.department, event.decision, event.reason, event.request_id, event.meta, event.subject_commit,
      event.prev, head.hash);
    appended := appended + 1;
  end loop;
  update audit.head h set seq = head.seq, at_us = head.at_us, hash = head.hash where h.stream = head.stream;
  return appended;
end $$;

select audit.ensure_partitions(3);
revoke all on all functions in schema audit from public;
grant execute on function audit.append(jsonb) to federation_app, federation_reader, federation_provisioner;
grant execute on function audit.open_stream(uuid), audit.ensure_partitions(integer) to federation_app;
grant select on audit.event to federation_app, federation_reader;
grant select on audit.head to federation_app;
