-- Rotation and retirement of keys, and tokens that end before their time. What a value is sealed with is found by an
-- index, so that a key knows its uses; what is being sealed or wrapped holds its key, so that none is retired under it.
set local role federation_owner;

-- A key that was rotated away takes no more values (closed_at), and opens those that are left until it is retired.
alter table federation.data_key
  add column closed_at timestamptz,
  add constraint data_key_closed_check check (closed_at is null or status <> 'active');
create index data_key_department on federation.data_key (department_id);
create index data_key_kek on federation.data_key (kek_id, id) where wrapped is not null;
alter table federation.kek_check add column retired_at timestamptz;

-- before insert or update of <column>: guard_sealed('<column>', '<department column>'). Holds the key's row until the
-- transaction ends. 40001: the caller may seal again. A superuser, who could switch it off, is not held up.
create function federation.guard_sealed() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  fields constant jsonb := to_jsonb(new);
  sealed constant text := fields ->> tg_argv[0];
  department constant uuid := case when tg_nargs > 1 then (fields ->> tg_argv[1])::uuid end;
begin
  if sealed is null or (tg_op = 'UPDATE' and sealed = to_jsonb(old) ->> tg_argv[0])
    or (select r.rolsuper from pg_roles r where r.rolname = current_user) then return new; end if;
  if sealed !~ '^fedc1\.a256gcm\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[A-Za-z0-9_-]+$' then
    raise exception 'not a sealed value' using errcode = '23514';
  end if;
  perform from federation.data_key k
    where k.id = split_part(sealed, '.', 3)::uuid and k.department_id is not distinct from department
      and k.purpose = 'data' and k.status <> 'destroyed' and k.closed_at is null
    for share;
  if not found then raise exception 'sealed with a key that takes no more values' using errcode = '40001'; end if;
  return new;
end $$;
revoke all on function federation.guard_sealed() from public;

create function federation.guard_wrapped() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform from federation.kek_check c where c.kek_id = new.kek_id and c.retired_at is null for share;
  if not found then raise exception 'wrapped by a KEK that is not in use' using errcode = '23514'; end if;
  return new;
end $$;
revoke all on function federation.guard_wrapped() from public;
create trigger guard_wrapped before insert or update of wrapped, kek_id on federation.data_key
  for each row when (new.wrapped is not null) execute function federation.guard_wrapped();

-- The columns of src/crypto/sealed-columns.ts that were there before.
create index local_agent_variables_sealed_key on federation.local_agent
  (split_part(variables_sealed, '.', 3), department_id);
create trigger variables_sealed_key before insert or update of variables_sealed on federation.local_agent
  for each row execute function federation.guard_sealed('variables_sealed', 'department_id');
create index department_secret_sealed_key on federation.department_secret
  (split_part(sealed, '.', 3), department_id, name);
create trigger sealed_key before insert or update of sealed on federation.department_secret
  for each row execute function federation.guard_sealed('sealed', 'department_id');
create index signing_key_private_sealed_key on federation.signing_key (split_part(private_sealed, '.', 3), kid);
create trigger private_sealed_key before insert or update of private_sealed on federation.signing_key
  for each row execute function federation.guard_sealed('private_sealed');

alter table federation.department_secret
  drop constraint department_secret_name_check,
  add constraint department_secret_name_check check (name ~ '^[a-z][a-z0-9_]{0,62}$');

-- Published before it signs, kept after: certificates of a retired key stay verifiable, its private half is destroyed.
update federation.signing_key set retired_at = clock_timestamp() where status = 'retired' and retired_at is null;
alter table federation.signing_key
  alter column private_sealed drop not null,
  add constraint signing_key_private_check check (private_sealed is not null or status = 'retired'),
  add constraint signing_key_retired_check check ((status = 'retired') = (retired_at is not null));
create unique index signing_key_one_published on federation.signing_key ((true)) where status = 'published';

-- One rotation of a key, carried on by whichever worker holds the lease; every change of it asks for the lease.
create table federation.key_rotation (
  id uuid primary key,
  kind text not null check (kind in ('data', 'kek', 'gateway_seal', 'signing')),
  department_id uuid references federation.department on delete cascade,
  from_id text,
  to_id text,
  status text not null default 'running' check (status in ('running', 'succeeded', 'failed')),
  total integer not null default 0,
  done integer not null default 0,
  -- What the last batch ended with.
  cursor jsonb,
  -- Passes over all columns that moved nothing although values were left.
  idle_passes integer not null default 0,
  lease_owner uuid,
  lease_until timestamptz,
  not_before timestamptz not null default clock_timestamp(),
  requested_by text not null,
  request_id uuid not null,
  error_code text,
  created_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  check ((lease_owner is null) = (lease_until is null)),
  check ((status = 'running') = (finished_at is null)),
  check (status = 'running' or lease_owner is null),
  check ((status = 'failed') = (error_code is not null)),
  check (department_id is null or kind = 'data')
);
create unique index key_rotation_one_running on federation.key_rotation (kind, department_id) nulls not distinct
  where status = 'running';
create index key_rotation_department on federation.key_rotation (department_id);
create index key_rotation_due on federation.key_rotation (not_before) where status = 'running';

-- Access tokens that no longer count, by their id; forgotten once they would have ended anyway.
create table federation.revoked_token (
  jti uuid primary key,
  client_id uuid not null references federation.api_client on delete cascade,
  expires_at timestamptz not null,
  revoked_by text not null,
  revoked_at timestamptz not null default clock_timestamp()
);
create index revoked_token_client on federation.revoked_token (client_id);
create index revoked_token_expiry on federation.revoked_token (expires_at);

grant select, insert, update on federation.key_rotation to federation_app;
grant select, insert, delete on federation.revoked_token to federation_app;
