-- Whom we call, what we sent them, and who may call us with a signature. Lives on federation.webhook_event (sql/0005).
set local role federation_owner;

create table federation.webhook_endpoint (
  id uuid primary key,
  -- A callback is the `callback_url` of a department's config: its id is the department's, and it has no secret.
  kind text not null check (kind in ('endpoint', 'callback')),
  -- Whose events it hears; null = everybody's.
  department_id uuid references federation.department on delete cascade,
  url text not null check (length(url) between 1 and 2000),
  description text not null default '' check (length(description) <= 200),
  -- Empty = every type.
  types text[] not null default '{}',
  status text not null check (status in ('active', 'off')),
  off_reason text check (off_reason in ('gone', 'failing', 'by_hand')),
  failing_since timestamptz,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  check ((status = 'off') = (off_reason is not null)),
  check (kind <> 'callback' or id = department_id)
);
create index webhook_endpoint_department on federation.webhook_endpoint (department_id);

-- One event for one endpoint. `due_at`: when to send, or while it is being sent, when the sender counts as lost.
create table federation.webhook_delivery (
  id uuid primary key default gen_random_uuid(),
  endpoint_id uuid not null references federation.webhook_endpoint on delete cascade,
  event_id uuid not null references federation.webhook_event on delete cascade,
  status text not null default 'waiting' check (status in ('waiting', 'sending', 'delivered', 'failed')),
  -- Of the schedule; `fence` counts every attempt ever made, so that a lost sender changes nothing.
  attempt integer not null default 0 check (attempt >= 0),
  fence integer not null default 0 check (fence >= attempt),
  due_at timestamptz default clock_timestamp(),
  last_status integer,
  last_error text,
  last_attempt_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  unique (endpoint_id, event_id),
  check ((status in ('waiting', 'sending')) = (due_at is not null))
);
create index webhook_delivery_event on federation.webhook_delivery (event_id);
create index webhook_delivery_due on federation.webhook_delivery (endpoint_id, due_at) where due_at is not null;

-- Who may call POST /webhooks/n8n with a signature: for a member or for a department, within their present rights.
create table federation.webhook_source (
  id uuid primary key,
  name text not null check (length(name) between 1 and 100),
  member_id uuid references federation.member on delete cascade,
  department_id uuid references federation.department on delete cascade,
  events text[] not null check (events <@ array['provision', 'deprovision', 'sync', 'tool_result'] and events <> '{}'),
  status text not null default 'active' check (status in ('active', 'off')),
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  check (num_nonnulls(member_id, department_id) = 1)
);
create index webhook_source_member on federation.webhook_source (member_id);
create index webhook_source_department on federation.webhook_source (department_id);

-- Secrets of both; one has no end, the one before it counts for a day after a rotation.
create table federation.webhook_secret (
  id uuid primary key,
  endpoint_id uuid references federation.webhook_endpoint on delete cascade,
  source_id uuid references federation.webhook_source on delete cascade,
  sealed text not null,
  created_at timestamptz not null default clock_timestamp(),
  ends_at timestamptz,
  check (num_nonnulls(endpoint_id, source_id) = 1)
);
create unique index webhook_secret_present on federation.webhook_secret (coalesce(endpoint_id, source_id))
  where ends_at is null;
create index webhook_secret_endpoint on federation.webhook_secret (endpoint_id);
create index webhook_secret_source on federation.webhook_secret (source_id);
create index webhook_secret_sealed_key on federation.webhook_secret (split_part(sealed, '.', 3), id);
create trigger sealed_key before insert or update of sealed on federation.webhook_secret
  for each row execute function federation.guard_sealed('sealed');

-- A source is a credential: a lockdown ends it with the others, and an unlock does not bring it back.
create function federation.end_locked_sources() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  update federation.webhook_source s set status = 'off'
  where s.status = 'active' and (s.department_id = new.id
    or s.member_id in (select m.id from federation.member m where m.department_id = new.id));
  return null;
end $$;
revoke all on function federation.end_locked_sources() from public;
create trigger end_locked_sources after update of locked_at on federation.department
  for each row when (new.locked_at is not null) execute function federation.end_locked_sources();

grant select, insert, update, delete on federation.webhook_endpoint, federation.webhook_delivery,
  federation.webhook_source, federation.webhook_secret to federation_app;
