-- What happened and may interest somebody outside: written with its cause, fanned out to endpoints by a worker.
set local role federation_owner;

create table federation.webhook_event (
  id uuid primary key,
  type text not null check (type ~ '^[a-z_]+(\.[a-z_]+)+$'),
  department_id uuid references federation.department on delete cascade,
  data jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  fanned_out_at timestamptz
);
create index webhook_event_new on federation.webhook_event (created_at) where fanned_out_at is null;
create index webhook_event_department on federation.webhook_event (department_id);
grant select, insert, update, delete on federation.webhook_event to federation_app;

-- Scopes that came later: people's keys that held everything of before hold them too; roles still cut them down.
update federation.api_client
set scopes = scopes || array['limits:write', 'approvals:write', 'webhooks:write', 'oauth:write']
where member_id is not null and status <> 'revoked' and scopes @> array['departments:write', 'runs:write', 'grants:write', 'keys:write'];
