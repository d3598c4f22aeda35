-- What hosts metered, and what the departments' retention took away.
set local role federation_owner;

create table federation.host_usage (
  department_id uuid not null references federation.department on delete cascade,
  host text not null check (host in ('local', 'railway', 'docker')),
  -- UTC.
  day date not null,
  vcpu_minutes float8 not null check (vcpu_minutes >= 0),
  memory_gb_minutes float8 not null check (memory_gb_minutes >= 0),
  egress_gb float8 not null check (egress_gb >= 0),
  disk_gb_minutes float8 not null check (disk_gb_minutes >= 0),
  collected_at timestamptz not null default clock_timestamp(),
  primary key (department_id, host, day)
);
grant select, insert, update, delete on federation.host_usage to federation_app;

create table federation.retention_report (
  id uuid primary key,
  department_id uuid not null references federation.department on delete cascade,
  at timestamptz not null default clock_timestamp(),
  dry_run boolean not null,
  -- Whether nothing older is left.
  complete boolean not null default false,
  -- [{"table", "before", "rows", "oldest"}]
  tables jsonb not null
);
create index retention_report_department on federation.retention_report (department_id, at desc);
grant select, insert, update, delete on federation.retention_report to federation_app;

grant create on schema gateway to federation_reader;
set local role none;
set local role federation_reader;

-- What a batch of the retention took away, on record in the transaction that did it. The gateway's login, which alone can
-- be a department's role, may not write the trail; with that department's seal it may write this one event.
create function gateway.record_retention(department uuid, actor text, actor_kind text, report uuid, counts jsonb)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not gateway.owns(department) or actor_kind not in ('system', 'member')
    or exists (select from jsonb_each(counts) c where jsonb_typeof(c.value) <> 'number')
  then raise exception 'call refused' using errcode = '42501'; end if;
  perform audit.append(jsonb_build_array(jsonb_build_object(
    'stream', department, 'actor', actor, 'actor_kind', actor_kind, 'action', 'retention.delete', 'target', report,
    'decision', 'done', 'meta', counts::text)));
end $$;
revoke all on function gateway.record_retention(uuid, text, text, uuid, jsonb) from public;
grant execute on function gateway.record_retention(uuid, text, text, uuid, jsonb) to federation_gateway;
set local role none;
set local role federation_owner;
revoke create on schema gateway from federation_reader;
