-- Whether what a department has on a host is left over: it is gone or lives elsewhere, and no run is at work on it.
set local role federation_owner;

create function federation.is_stray(in_department uuid, in_host text) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select exists (
    select from federation.department d
    where d.id = in_department and (d.status = 'deprovisioned' or d.host <> in_host)
      and not exists (select from federation.run r where r.department_id = d.id
        and r.status in ('queued', 'running', 'waiting', 'failed', 'rolling_back')))
$$;
revoke all on function federation.is_stray(uuid, text) from public;
grant execute on function federation.is_stray(uuid, text) to federation_app;
