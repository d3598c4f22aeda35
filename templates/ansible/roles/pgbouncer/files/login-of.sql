-- The verifiers of departments' logins, and of nobody else: whoever has the pooler's login learns no administrator's.
create schema if not exists pgbouncer;
revoke all on schema pgbouncer from public;
create or replace function pgbouncer.login_of(login text) returns table (usename text, passwd text)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select rolname::text, rolpassword from pg_authid
  where rolname = login and login ~ '^d_[a-z2-7]{12}$' and rolcanlogin
    and (rolvaliduntil is null or rolvaliduntil > now())
$$;
revoke all on function pgbouncer.login_of(text) from public;
grant usage on schema pgbouncer to pgbouncer_auth;
grant execute on function pgbouncer.login_of(text) to pgbouncer_auth;
do $$ begin execute format('grant connect on database %I to pgbouncer_auth', current_database()); end $$;
