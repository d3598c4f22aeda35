-- The life of a grant: the source asks, a person of the target answers, either side ends it. The table keeps to that
-- by itself, whatever a verb does. A superuser, who could switch the trigger off, is not held up by it.
set local role federation_owner;

alter table federation.access_grant
  -- A request to a name that nobody bears is kept like any other, so that asking tells nothing.
  alter column target drop not null,
  add column target_name text check (length(target_name) between 1 and 64),
  add column expires_in_days integer check (expires_in_days between 1 and 365),
  add column lapses_at timestamptz not null default clock_timestamp() + interval '30 days',
  add column approved_at timestamptz,
  add column ended_by text,
  add column ended_at timestamptz,
  add column ended_reason text,
  drop constraint access_grant_status_check,
  add constraint access_grant_status_check
    check (status in ('requested', 'approved', 'rejected', 'lapsed', 'revoked')),
  add constraint access_grant_target_check check (target is not null or target_name is not null),
  add constraint access_grant_nobody_check check (target is not null or status in ('requested', 'lapsed', 'revoked')),
  add constraint access_grant_rejected_check check (status <> 'rejected' or ended_reason is not null);

create unique index access_grant_open on federation.access_grant (source, target, permission, resource)
  where status = 'requested';
create unique index access_grant_open_name on federation.access_grant (source, target_name, permission, resource)
  where status = 'requested';
create index access_grant_source on federation.access_grant (source, id);
create index access_grant_lapsing on federation.access_grant (lapses_at) where status = 'requested';

create function federation.guard_grant() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  may_change constant text[] := case new.status
    when 'approved' then
      array['status', 'approved_by', 'approved_at', 'expires_at', 'query_limit', 'query_window_seconds']
    else array['status', 'ended_by', 'ended_at', 'ended_reason'] end;
  decided_by constant text := case new.status when 'approved' then new.approved_by when 'rejected' then new.ended_by end;
begin
  if (select r.rolsuper from pg_roles r where r.rolname = current_user) then return new; end if;
  if tg_op = 'INSERT' then
    if new.status <> 'requested' or coalesce(new.approved_by, new.ended_by) is not null
      or coalesce(new.approved_at, new.ended_at) is not null or coalesce(new.query_limit, new.query_window_seconds) is not null
    then raise exception 'a grant begins as a request' using errcode = '23514'; end if;
    return new;
  end if;
  if (old.status, new.status) not in (('requested', 'approved'), ('requested', 'rejected'), ('requested', 'lapsed'),
    ('requested', 'revoked'), ('approved', 'revoked')) or to_jsonb(new) - may_change <> to_jsonb(old) - may_change
  then raise exception 'a grant does not change like this' using errcode = '23514'; end if;
  if new.status = 'lapsed' and new.lapses_at > clock_timestamp() then
    raise exception 'a request that still waits does not lapse' using errcode = '23514';
  end if;
  if new.status = 'approved' and (new.lapses_at <= clock_timestamp() or new.expires_at >
    coalesce(clock_timestamp() + make_interval(days => new.expires_in_days), old.expires_at)) then
    raise exception 'a grant lasts no longer than was asked for' using errcode = '23514';
  end if;
  if new.status in ('approved', 'rejected') then
    perform from federation.member m where m.id::text = decided_by and m.role = 'department_admin'
      and m.department_id = new.target and m.disabled_at is null and decided_by <> new.requested_by for share;
    if not found then raise exception 'only an admin of the target decides' using errcode = '42501'; end if;
  end if;
  if new.status <> 'approved' then new.ended_at := coalesce(new.ended_at, clock_timestamp()); end if;
  return new;
end $$;
revoke all on function federation.guard_grant() from public;
create trigger guard before insert or update on federation.access_grant
  for each row execute function federation.guard_grant();

revoke delete on federation.access_grant from federation_app;
