-- The control schema: what exists, what is being done, who may ask. Ids are uuidv7 made by the application.
set local role federation_owner;

create schema federation;
grant usage on schema federation to federation_app, federation_reader, federation_provisioner;

create table federation.department (
  id uuid primary key,
  slug text not null check (slug ~ '^[a-z][a-z0-9-]{1,39}$'),
  name text not null check (length(name) between 1 and 200),
  status text not null check (status in
    ('provisioning', 'active', 'degraded', 'suspended', 'deprovisioning', 'deprovisioned', 'failed')),
  suffix text not null unique check (suffix ~ '^[a-z2-7]{12}$'),
  schema_name name not null unique generated always as (('t_' || suffix)::name) stored,
  role_name name not null unique generated always as (('d_' || suffix)::name) stored,
  schema_version integer not null default 0,
  schema_state text not null default 'absent' check (schema_state in ('absent', 'current', 'migrating', 'failed')),
  schema_error text,
  host text not null check (host in ('local', 'railway', 'docker')),
  region text,
  cluster text not null default 'main',
  config_version integer not null default 1,
  release text not null,
  admin_email text not null,
  agent_url text,
  query_limit integer not null default 100 check (query_limit > 0),
  query_window_seconds integer not null default 60 check (query_window_seconds > 0),
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  deprovisioned_at timestamptz,
  check ((status = 'deprovisioned') = (deprovisioned_at is not null))
);
create unique index department_living_slug on federation.department (slug) where status <> 'deprovisioned';
create index department_page on federation.department (created_at, id);

create table federation.department_config (
  department_id uuid not null references federation.department on delete cascade,
  version integer not null check (version > 0),
  document jsonb not null,
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (department_id, version)
);

create table federation.schema_ledger (
  department_id uuid not null references federation.department on delete cascade,
  version integer not null,
  checksum text not null,
  applied_at timestamptz not null default clock_timestamp(),
  primary key (department_id, version)
);

create table federation.member (
  id uuid primary key,
  email text not null check (email = lower(email) and length(email) <= 254),
  role text not null check (role in ('admin', 'operator', 'department_admin', 'auditor')),
  department_id uuid references federation.department on delete cascade,
  oidc_subject text unique,
  created_at timestamptz not null default clock_timestamp(),
  disabled_at timestamptz,
  check ((role = 'department_admin') = (department_id is not null))
);
create unique index member_email on federation.member (email) where disabled_at is null;
create index member_department on federation.member (department_id);

-- One row per API key: a person's (member_id) or a department's agent or n8n (department_id).
create table federation.api_client (
  id uuid primary key,
  key_id text not null unique check (key_id ~ '^[0-9A-Za-z]{8}$'),
  name text not null check (length(name) between 1 and 100),
  member_id uuid references federation.member on delete cascade,
  department_id uuid references federation.department on delete cascade,
  secret_hash bytea not null check (length(secret_hash) = 32),
  scopes text[] not null,
  status text not null check (status in ('pending', 'active', 'revoked')),
  created_by_step text,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  check ((member_id is null) <> (department_id is null)),
  check ((status = 'revoked') = (revoked_at is not null))
);
create index api_client_department on federation.api_client (department_id);
create index api_client_member on federation.api_client (member_id);

create table federation.run (
  id uuid primary key,
  department_id uuid not null references federation.department on delete cascade,
  kind text not null check (kind in ('provision', 'deprovision', 'upgrade', 'move', 'restore')),
  status text not null check (status in
    ('queued', 'running', 'waiting', 'succeeded', 'failed', 'rolling_back', 'rolled_back', 'cancelled')),
  input jsonb not null default '{}',
  input_hash text not null,
  epoch integer not null default 0,
  lease_owner text,
  lease_until timestamptz,
  cancel_requested_at timestamptz,
  -- When a worker should look again: the earliest wake_at of a waiting step, or the end of a parked run's hold.
  wake_at timestamptz,
  change bigint not null default 1,
  error_code text,
  error_message text,
  requested_by text not null,
  request_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  check ((lease_owner is null) = (lease_until is null)),
  check ((status in ('succeeded', 'rolled_back', 'cancelled')) = (finished_at is not null)),
  check (finished_at is null or (lease_owner is null and wake_at is null)),
  check (status <> 'failed' or (error_code is not null and lease_owner is null)),
  check (status <> 'waiting' or (wake_at is not null and lease_owner is null)),
  check (status <> 'running' or lease_owner is not null)
);
create unique index run_one_live on federation.run (department_id)
  where status in ('queued', 'running', 'waiting', 'failed', 'rolling_back');
create index run_due on federation.run (coalesce(lease_until, wake_at, created_at))
  where status in ('queued', 'running', 'waiting', 'failed', 'rolling_back');
create index run_department on federation.run (department_id, created_at desc);

create table federation.step (
  run_id uuid not null references federation.run on delete cascade,
  name text not null check (name ~ '^[a-z][a-z-]{1,39}$'),
  position integer not null,
  status text not null check (status in
    ('pending', 'running', 'waiting', 'done', 'failed', 'skipped', 'undoing', 'undone')),
  attempt integer not null default 0,
  failures integer not null default 0,
  crashes integer not null default 0,
  wake_at timestamptz,
  waits_for text,
  output jsonb,
  error_code text,
  error_message text,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (run_id, name),
  check (status <> 'pending' or finished_at is null),
  check (status in ('pending', 'skipped') or started_at is not null),
  check ((status in ('done', 'failed', 'skipped', 'undone')) = (finished_at is not null)),
  check (status <> 'failed' or error_code is not null),
  check (status <> 'waiting' or wake_at is not null)
) with (fillfactor = 50);

-- Everything that exists because of a department: written before it is relied on, never deleted.
create table federation.resource (
  id uuid primary key,
  department_id uuid not null references federation.department on delete cascade,
  provider text not null,
  kind text not null,
  external_id text not null,
  name text not null,
  created_by_step text not null,
  created_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz,
  verified_absent_at timestamptz,
  orphaned_at timestamptz,
  orphan_reason text,
  unique (department_id, provider, kind, external_id),
  check (verified_absent_at is null or deleted_at is not null)
);

-- Keys wrapped by the KEK outside the database; a platform key has no department.
create table federation.data_key (
  id uuid primary key,
  department_id uuid references federation.department on delete cascade,
  purpose text not null,
  wrapped text,
  kek_id text not null,
  status text not null check (status in ('active', 'retiring', 'destroyed')),
  created_at timestamptz not null default clock_timestamp(),
  destroyed_at timestamptz,
  check ((status = 'destroyed') = (wrapped is null)),
  check ((status = 'destroyed') = (destroyed_at is not null))
);
create unique index data_key_active on federation.data_key (department_id, purpose) nulls not distinct
  where status = 'active';

create table federation.kek_check (
  kek_id text primary key,
  check_value text not null,
  created_at timestamptz not null default clock_timestamp()
);

create table federation.signing_key (
  kid text primary key,
  public_jwk jsonb not null,
  private_sealed text not null,
  status text not null check (status in ('published', 'active', 'retired')),
  created_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz
);
create unique index signing_key_one_active on federation.signing_key ((true)) where status = 'active';

create table federation.local_agent (
  department_id uuid primary key references federation.department on delete cascade,
  desired text not null check (desired in ('running', 'stopped')),
  spec_version integer not null,
  variables_sealed text not null,
  release text not null,
  port integer,
  pid integer,
  running_version integer,
  started_at timestamptz,
  stopped_at timestamptz,
  restarts integer not null default 0,
  updated_at timestamptz not null default clock_timestamp()
);

create table federation.access_grant (
  id uuid primary key,
  source uuid not null references federation.department on delete cascade,
  target uuid not null references federation.department on delete cascade,
  permission text not null check (permission in ('read', 'search', 'aggregate')),
  resource text not null check (resource in ('documents', 'contacts', 'emails', 'calendar', '*')),
  status text not null check (status in ('requested', 'approved', 'revoked')),
  requested_by text not null,
  approved_by text,
  reason text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  check (source <> target),
  check (status <> 'approved' or approved_by is not null)
);
create index access_grant_lookup on federation.access_grant (source, target) where status = 'approved';
create index access_grant_target on federation.access_grant (target);

create unlogged table federation.rate_limit (
  key uuid primary key,
  started_us bigint not null,
  hits integer not null
) with (fillfactor = 20);

create table federation.idempotency_key (
  scope text not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint text not null,
  state text not null check (state in ('running', 'done', 'secret')),
  response_status integer,
  response_body jsonb,
  created_at timestamptz not null default clock_timestamp(),
  locked_until timestamptz not null,
  primary key (scope, key)
);
create index idempotency_key_age on federation.idempotency_key (created_at);

create table federation.certificate (
  department_id uuid primary key references federation.department on delete cascade,
  run_id uuid not null references federation.run on delete cascade,
  document jsonb not null,
  signature text not null,
  kid text not null,
  issued_at timestamptz not null default clock_timestamp()
);

create table federation.archive (
  department_id uuid primary key references federation.department on delete cascade,
  run_id uuid not null references federation.run on delete cascade,
  location text not null,
  bytes bigint not null,
  sha256 text not null,
  tables jsonb not null,
  created_at timestamptz not null default clock_timestamp()
);

create table federation.health_check (
  department_id uuid not null references federation.department on delete cascade,
  at timestamptz not null default clock_timestamp(),
  status text not null,
  detail jsonb not null,
  primary key (department_id, at)
);

-- The graphs' durations of the last runs give the ETA of the next one.
create view federation.step_duration with (security_invoker = true) as
  select r.kind, s.name, percentile_cont(0.5) within group (order by extract(epoch from s.finished_at - s.started_at)) as median_seconds
  from federation.step s join federation.run r on r.id = s.run_id
  where s.status = 'done' and r.status = 'succeeded' and r.finished_at > clock_timestamp() - interval '30 days'
  group by r.kind, s.name;

grant select, insert, update, delete on all tables in schema federation to federation_app;
revoke delete on federation.resource, federation.certificate, federation.department_config, federation.department from federation_app;
revoke update on federation.department_config, federation.certificate from federation_app;
grant select on federation.department, federation.access_grant to federation_reader;
grant select, insert, update on federation.rate_limit to federation_reader;
grant select, insert, update on federation.schema_ledger to federation_provisioner;
grant select on federation.department to federation_provisioner;
grant update (schema_version, schema_state, schema_error, updated_at) on federation.department to federation_provisioner;
grant delete on federation.schema_ledger to federation_provisioner;

-- Raises unless this worker still holds the run: called right before an effect, last in a transaction that has one.
create function federation.fence(in_run uuid, in_epoch integer, in_step text, in_attempt integer) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform from federation.run r join federation.step s on s.run_id = r.id and s.name = in_step
    where r.id = in_run and r.epoch = in_epoch and r.lease_until > clock_timestamp() and s.attempt = in_attempt
    for share of r;
  if not found then raise exception 'lease lost' using errcode = '55P03'; end if;
end $$;
revoke all on function federation.fence(uuid, integer, text, integer) from public;
grant execute on function federation.fence(uuid, integer, text, integer) to federation_app, federation_provisioner, federation_gateway;

-- Secrets that a host or a person needs again, sealed under the department's own key.
create table federation.department_secret (
  department_id uuid not null references federation.department on delete cascade,
  name text not null check (name in ('agent_key', 'agent_token', 'database_password')),
  sealed text not null,
  created_by_step text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (department_id, name)
);
grant select, insert, update, delete on federation.department_secret to federation_app;
