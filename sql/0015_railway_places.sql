-- Where a department's agent is on Railway, and what was sent there without an answer yet. Railway's names are not unique
-- and it takes no idempotency keys: what must not happen twice is written down before it is sent (`*_sent_at`), and is not
-- sent again before Railway had the time to show it.
set local role federation_owner;

create table federation.railway_place (
  department_id uuid primary key references federation.department on delete cascade,
  -- Counts the writes: each one names the version that it read.
  version integer not null default 1,
  workspace_id text not null check (length(workspace_id) between 1 and 100),
  project_sent_at timestamptz,
  -- More than one: the others may have been carried out as well.
  project_sends integer not null default 0 check (project_sends >= 0),
  project_id text,
  environment_id text,
  service_id text,
  -- When a project or service was made last: so long it may not be seen.
  made_at timestamptz,
  -- What the service was told last, as hashes; null while that is under way.
  variables_hash text,
  settings_hash text,
  limits_hash text,
  domain_sent_at timestamptz,
  domain text,
  -- The deploy that is under way; the rest of `deploy_*` says which one it was once it is over.
  deploy_sent_at timestamptz,
  deploy_revision text,
  deploy_key text,
  deploy_known text[] not null default '{}',
  deployment_id text,
  running_revision text,
  running_deployment_id text,
  previous_revision text,
  previous_deployment_id text,
  stopped_at timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  check ((project_id is null) = (environment_id is null)),
  check (service_id is null or project_id is not null),
  check (deploy_sent_at is null or (deploy_revision is not null and deploy_key is not null)),
  check ((running_revision is null) = (running_deployment_id is null)),
  check ((previous_revision is null) = (previous_deployment_id is null))
);
create index railway_place_workspace on federation.railway_place (workspace_id);
grant select, insert, update, delete on federation.railway_place to federation_app;
