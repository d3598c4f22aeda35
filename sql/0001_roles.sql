-- Roles belong to the cluster, the ledger to one database: every step here may find its work already done,
-- or another migration doing it at this moment. No role is superuser or BYPASSRLS.
do $$
declare
  wanted record;
begin
  for wanted in select * from (values
    ('federation_owner', 'nologin'),
    ('federation_reader', 'nologin'),
    ('federation_roles', 'nologin createrole'),
    ('federation_provisioner', 'login noinherit'),
    ('federation_app', 'login noinherit'),
    ('federation_gateway', 'login noinherit')
  ) as roles (name, attributes) loop
    begin
      if to_regrole(wanted.name) is null then
        execute format('create role %I %s', wanted.name, wanted.attributes);
      end if;
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end $$;

create function pg_temp.member(member_name name, role_name name) returns void language plpgsql as $$
declare
  attempt integer := 0;
begin
  while not exists (
    select from pg_auth_members m where m.roleid = role_name::regrole and m.member = member_name::regrole
      and to_jsonb(m) ->> 'set_option' is distinct from 'false'
  ) loop
    attempt := attempt + 1;
    begin
      execute format('grant %I to %I', role_name, member_name);
    exception when unique_violation or internal_error then
      if attempt = 20 then raise; end if;
      perform pg_sleep(0.01);
    end;
  end loop;
end $$;

select pg_temp.member('federation_provisioner', 'federation_owner');
-- An administrator without superuser (RDS) has to be a member of those it hands objects to, and of the logins, so that
-- one URL of its own is enough for a small set-up.
select pg_temp.member(current_user, name) from unnest(array['federation_owner', 'federation_roles',
  'federation_provisioner', 'federation_app', 'federation_gateway']) as name
where not (select rolsuper from pg_roles where rolname = current_user);

do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to federation_provisioner, federation_app, federation_gateway', current_database());
  execute format('grant connect, create on database %I to federation_owner', current_database());
  -- Who revokes a privilege must be who granted it, or the department's role cannot be dropped.
  execute format('grant connect on database %I to federation_roles with grant option', current_database());
end $$;
revoke all on schema public from public;

-- Advisory locks and large objects are one name space for everybody in the database, without row-level security.
do $$
declare
  routine regprocedure;
begin
  if not (select rolsuper from pg_roles where rolname = current_user) then return; end if;
  for routine in select p.oid from pg_proc p where p.pronamespace = 'pg_catalog'::regnamespace
    and (p.proname ~ '^pg_(try_)?advisory_' or p.proname ~ '^lo_' or p.proname in ('loread', 'lowrite')) loop
    execute format('revoke execute on function %s from public', routine);
  end loop;
  grant execute on function pg_advisory_xact_lock(bigint), pg_try_advisory_xact_lock(bigint)
    to federation_owner, federation_app;
  begin
    if not has_parameter_privilege('federation_roles', 'temp_file_limit', 'set') then
      grant set on parameter temp_file_limit to federation_roles;
    end if;
  exception when unique_violation or internal_error then null;
  end;
end $$;

create schema federation_roles authorization federation_roles;
set local role federation_roles;

create function federation_roles.name_of(suffix text) returns name
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if suffix is null or suffix !~ '^[a-z2-7]{12}$' then
    raise exception 'not a department suffix' using errcode = '22023';
  end if;
  return 'd_' || suffix;
end $$;

create function federation_roles.add(suffix text) returns name
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  role_name name := federation_roles.name_of(suffix);
begin
  execute format('create role %I nologin noinherit', role_name);
  execute format('grant %I to federation_gateway', role_name);
  return role_name;
end $$;

-- The password arrives as a verifier, so that no log and no statement statistics ever hold it.
create function federation_roles.login(suffix text, verifier text, connection_limit integer) returns name
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  role_name name := federation_roles.name_of(suffix);
begin
  if verifier is null or verifier !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$' then
    raise exception 'not a SCRAM-SHA-256 verifier' using errcode = '22023';
  end if;
  if connection_limit is null or connection_limit not between 1 and 50 then
    raise exception 'a connection limit is 1 to 50' using errcode = '22023';
  end if;
  execute format('alter role %I login password %L connection limit %s', role_name, verifier, connection_limit);
  execute format('alter role %I set statement_timeout = ''30s''', role_name);
  execute format('alter role %I set idle_in_transaction_session_timeout = ''30s''', role_name);
  execute format('alter role %I set idle_session_timeout = ''10min''', role_name);
  if has_parameter_privilege(current_user, 'temp_file_limit', 'set') then
    execute format('alter role %I set temp_file_limit = ''256MB''', role_name);
  end if;
  execute format('grant connect on database %I to %I', current_database(), role_name);
  return role_name;
end $$;

-- Also ends the sessions that are open: a lockdown is not to wait for a client to leave.
create function federation_roles.nologin(suffix text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  role_name name := federation_roles.name_of(suffix);
begin
  execute format('alter role %I nologin password null connection limit 0', role_name);
  execute format('alter role %I reset all', role_name);
  execute format('revoke connect on database %I from %I', current_database(), role_name);
  execute format('grant %I to federation_roles', role_name);
  perform pg_terminate_backend(a.pid) from pg_stat_activity a where a.usename = role_name;
  execute format('revoke %I from federation_roles', role_name);
end $$;

create function federation_roles.remove(suffix text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  role_name name := federation_roles.name_of(suffix);
begin
  perform federation_roles.nologin(suffix);
  -- What a login may have made of its own accord, such as default privileges, must not keep the role.
  execute format('grant %I to federation_roles', role_name);
  execute format('drop owned by %I', role_name);
  execute format('drop role %I', role_name);
end $$;

-- A login may lift its own timeouts, so somebody outside keeps them: ends what departments' logins have run, or left
-- open in a transaction, for longer than this; answers how many.
create function federation_roles.end_overdue(seconds integer) returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  role_name name;
  ended integer := 0;
begin
  for role_name in select distinct a.usename from pg_stat_activity a where a.usename ~ '^d_[a-z2-7]{12}$' loop
    execute format('grant %I to federation_roles', role_name);
    ended := ended + (select count(pg_terminate_backend(a.pid)) from pg_stat_activity a
      where a.usename = role_name and a.datname = current_database() and a.state <> 'idle'
        and clock_timestamp() - coalesce(a.xact_start, a.query_start) > make_interval(secs => seconds));
    execute format('revoke %I from federation_roles', role_name);
  end loop;
  return ended;
end $$;

revoke all on all functions in schema federation_roles from public;
grant usage on schema federation_roles to federation_provisioner;
grant execute on function federation_roles.add(text), federation_roles.remove(text),
  federation_roles.login(text, text, integer), federation_roles.nologin(text), federation_roles.end_overdue(integer)
  to federation_provisioner;

set local role none;
-- The provisioner's URL is enough for later migrations: they belong to federation_owner.
grant usage on schema federation_ledger to federation_provisioner;
grant select, insert, update, delete on federation_ledger.migration to federation_provisioner;
