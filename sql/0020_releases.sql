-- What departments run, as one thing with a name, and how it is brought to many of them in batches.
set local role federation_owner;

create table federation.release (
  id uuid primary key,
  name text not null unique check (name ~ '^[a-z0-9][a-z0-9._-]{0,59}$'),
  -- Null: what each department's host runs by itself, with this release's templates and schema.
  agent_image text check (length(agent_image) between 1 and 255),
  templates jsonb not null check (jsonb_typeof(templates) = 'object'),
  schema_version integer not null check (schema_version > 0),
  source_environment text not null check (source_environment in ('development', 'staging', 'production')),
  created_by text not null,
  created_at timestamptz not null default clock_timestamp(),
  -- What was signed of it when it was promoted: here or, where it was imported, in its source.
  manifest jsonb,
  signature text,
  kid text,
  check (num_nonnulls(manifest, signature, kid) in (0, 3))
);
grant select, insert, update on federation.release to federation_app;

create table federation.rollout (
  id uuid primary key,
  release_id uuid not null references federation.release on delete restrict,
  status text not null check (status in ('running', 'paused', 'rolling_back', 'succeeded', 'stopped', 'rolled_back')),
  batch_size integer not null check (batch_size between 1 and 100),
  -- The batch under way; 0 before the first.
  batch integer not null default 0 check (batch >= 0),
  batch_at timestamptz,
  -- Until then the departments of the batch have to stay well before the next one begins; null until all of it ended.
  gate_until timestamptz,
  failures_max integer not null check (failures_max >= 0),
  gate_seconds integer not null check (gate_seconds between 0 and 86400),
  -- What is put back when it stops: those of the batch that failed, or everything it changed.
  rollback text not null check (rollback in ('failed', 'all')),
  reason text check (length(reason) between 1 and 2000),
  created_by text not null,
  request_id text not null,
  -- When a worker looks again; null: there is nothing to look for.
  wake_at timestamptz default clock_timestamp(),
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  check ((status in ('succeeded', 'stopped', 'rolled_back')) = (finished_at is not null)),
  check (finished_at is null or wake_at is null)
);
create unique index rollout_one_live on federation.rollout ((true)) where status in ('running', 'paused', 'rolling_back');
create index rollout_release on federation.rollout (release_id);
grant select, insert, update on federation.rollout to federation_app;

create table federation.rollout_department (
  rollout_id uuid not null references federation.rollout on delete cascade,
  department_id uuid not null references federation.department on delete cascade,
  batch integer not null check (batch > 0),
  status text not null default 'pending' check (status in
    ('pending', 'upgrading', 'done', 'failed', 'rolling_back', 'rolled_back', 'skipped')),
  run_id uuid references federation.run on delete set null,
  rollback_run_id uuid references federation.run on delete set null,
  release_before text,
  release_after text,
  -- Why it failed, or was skipped.
  error text check (length(error) between 1 and 1000),
  started_at timestamptz,
  finished_at timestamptz,
  primary key (rollout_id, department_id),
  check (status in ('pending', 'skipped') or num_nonnulls(release_before, release_after, started_at) = 3),
  check ((status in ('done', 'failed', 'rolled_back', 'skipped')) = (finished_at is not null)),
  check (status not in ('failed', 'skipped') or error is not null)
);
create index rollout_department_batch on federation.rollout_department (rollout_id, batch, status);
create index rollout_department_department on federation.rollout_department (department_id);
create index rollout_department_run on federation.rollout_department (run_id);
create index rollout_department_rollback_run on federation.rollout_department (rollback_run_id);
grant select, insert, update on federation.rollout_department to federation_app;
