-- n8n instances for departments that want one of their own (`custom_config.n8n.instance`): registered by hand, leased by
-- one department. What a department has used is not another one's: its executions and credentials lie in it.
set local role federation_owner;

create table federation.n8n_instance (
  id uuid primary key,
  base_url text not null check (length(base_url) between 1 and 2000),
  webhook_url text not null check (length(webhook_url) between 1 and 2000),
  api_key_sealed text,
  status text not null check (status in ('free', 'leased', 'retired')),
  department_id uuid references federation.department on delete set null,
  leased_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  check ((status = 'retired') = (api_key_sealed is null)),
  check (department_id is null or status = 'leased'),
  check ((status = 'leased') = (leased_at is not null))
);
create unique index n8n_instance_department on federation.n8n_instance (department_id) where department_id is not null;
create unique index n8n_instance_base_url on federation.n8n_instance (base_url) where status <> 'retired';
create index n8n_instance_free on federation.n8n_instance (created_at) where status = 'free';
grant select, insert, update on federation.n8n_instance to federation_app;

create index n8n_instance_api_key_sealed_key on federation.n8n_instance (split_part(api_key_sealed, '.', 3), id);
create trigger api_key_sealed_key before insert or update of api_key_sealed on federation.n8n_instance
  for each row execute function federation.guard_sealed('api_key_sealed');

-- A scope that came later, for opening voice sessions: people's keys that write data and keys hold it too.
update federation.api_client c set scopes = c.scopes || array['sessions:write']
from federation.member m
where m.id = c.member_id and m.role in ('admin', 'operator', 'department_admin') and c.status <> 'revoked'
  and c.scopes @> array['data:write', 'keys:write'] and not c.scopes @> array['sessions:write'];
