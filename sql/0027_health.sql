-- A department that becomes active has a row of its health from that statement on, whoever makes it active.
set local role federation_owner;

create function federation.watch_health() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into federation.department_health (department_id) values (new.id) on conflict do nothing;
  return null;
end $$;
revoke all on function federation.watch_health() from public;
create trigger watch_health after insert or update of status on federation.department
  for each row when (new.status in ('active', 'degraded')) execute function federation.watch_health();

insert into federation.department_health (department_id)
select id from federation.department where status in ('active', 'degraded')
on conflict do nothing;
