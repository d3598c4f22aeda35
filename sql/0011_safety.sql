-- The emergency stop, and the second pair of eyes. What is locked stays down whatever run or verb comes by: the checks
-- and guards here hold without any of them.
set local role federation_owner;

alter table federation.department
  add column locked_at timestamptz,
  add column locked_by text,
  add column lock_reason text check (length(lock_reason) between 1 and 500),
  add constraint department_lock_check check (num_nulls(locked_at, locked_by, lock_reason) in (0, 3)),
  add constraint department_locked_check
    check (locked_at is null or status not in ('provisioning', 'active', 'degraded'));

-- A key made while the lock is being put on waits for it, and then is refused; one of before is revoked with the others.
create function federation.guard_locked_key() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  locked boolean;
begin
  select d.locked_at is not null into locked from federation.department d
    where d.id = coalesce(new.department_id, (select m.department_id from federation.member m where m.id = new.member_id))
    for share;
  if locked then raise exception 'the department is locked' using errcode = '55P03'; end if;
  return new;
end $$;
revoke all on function federation.guard_locked_key() from public;
create trigger guard_locked before insert or update of status on federation.api_client
  for each row when (new.status = 'active') execute function federation.guard_locked_key();

-- A lockdown never waits for another run of the department, and none waits for it.
alter table federation.run
  drop constraint run_kind_check,
  add constraint run_kind_check
    check (kind in ('provision', 'deprovision', 'upgrade', 'move', 'restore', 'lockdown', 'unlock'));
drop index federation.run_one_live;
create unique index run_one_live on federation.run (department_id)
  where status in ('queued', 'running', 'waiting', 'failed', 'rolling_back') and kind <> 'lockdown';
create unique index run_one_lockdown on federation.run (department_id)
  where status in ('queued', 'running', 'waiting', 'failed', 'rolling_back') and kind = 'lockdown';

-- One request for one act by one person, and what a second person said to it.
create table federation.approval (
  id uuid primary key,
  action text not null check (action in ('deprovision', 'key-retire', 'wildcard-grant')),
  target text not null check (length(target) between 1 and 200),
  department_id uuid references federation.department on delete cascade,
  -- Of action, target and the whole request: another body is another request.
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  requested_by uuid not null references federation.member on delete cascade,
  reason text check (length(reason) between 1 and 500),
  status text not null check (status in ('requested', 'approved', 'rejected', 'used', 'expired')),
  approved_by uuid references federation.member on delete cascade,
  rejected_by uuid references federation.member on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null default clock_timestamp() + interval '24 hours',
  decided_at timestamptz,
  used_at timestamptz,
  check (approved_by <> requested_by),
  check (status <> 'requested' or num_nonnulls(approved_by, rejected_by, decided_at) = 0),
  check (status not in ('approved', 'used') or num_nulls(approved_by, decided_at) = 0),
  check ((status = 'rejected') = (rejected_by is not null)),
  check ((status = 'used') = (used_at is not null)),
  check (expires_at <= created_at + interval '25 hours')
);
create unique index approval_open on federation.approval (fingerprint, requested_by)
  where status in ('requested', 'approved');
create index approval_department on federation.approval (department_id);
create index approval_requested_by on federation.approval (requested_by);
create index approval_approved_by on federation.approval (approved_by);
create index approval_rejected_by on federation.approval (rejected_by);

-- Only somebody of the platform approves, who still is one when it is used; whoever asked may take it back.
create function federation.guard_approval() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  may_change constant text[] := case new.status
    when 'approved' then array['status', 'approved_by', 'decided_at']
    when 'rejected' then array['status', 'rejected_by', 'decided_at']
    when 'used' then array['status', 'used_at']
    else array['status'] end;
  answers_for constant uuid := case when new.status in ('approved', 'used') then new.approved_by
    when new.status = 'rejected' then new.rejected_by end;
begin
  if tg_op = 'INSERT' then
    if new.status <> 'requested' then raise exception 'an approval begins as a request' using errcode = '23514'; end if;
    return new;
  end if;
  if (old.status, new.status) not in (('requested', 'approved'), ('requested', 'rejected'), ('requested', 'expired'),
    ('approved', 'used'), ('approved', 'rejected'), ('approved', 'expired'))
    or to_jsonb(new) - may_change <> to_jsonb(old) - may_change
    or (new.status = 'expired') <> (old.expires_at <= clock_timestamp())
  then raise exception 'an approval does not change like this' using errcode = '23514'; end if;
  if answers_for is not null then
    perform from federation.member m where m.id = answers_for and m.disabled_at is null
      and (m.role in ('admin', 'operator') or (new.status = 'rejected' and m.id = new.requested_by)) for share;
    if not found then raise exception 'only the people of the platform approve' using errcode = '42501'; end if;
  end if;
  return new;
end $$;
revoke all on function federation.guard_approval() from public;
create trigger guard before insert or update on federation.approval
  for each row execute function federation.guard_approval();
grant select, insert, update on federation.approval to federation_app;

-- Department admins may lock their own department, people of the platform decide on approvals.
update federation.api_client c set scopes = c.scopes || array['departments:write']
from federation.member m
where m.id = c.member_id and m.role = 'department_admin' and c.status <> 'revoked'
  and c.scopes @> array['members:write', 'keys:write'] and not c.scopes @> array['departments:write'];
