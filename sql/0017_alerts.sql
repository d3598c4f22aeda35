-- What people have to know of: one open alert for each thing that is wrong, however often it is noticed.
set local role federation_owner;

create table federation.alert (
  id uuid primary key,
  -- What is wrong, such as agent_down; `subject` is with whom: a department's id, a budget, or '' for the platform.
  name text not null check (name ~ '^[a-z][a-z_]{1,59}$'),
  subject text not null default '' check (length(subject) <= 200),
  department_id uuid references federation.department on delete cascade,
  severity text not null check (severity in ('warning', 'critical')),
  summary text not null check (length(summary) between 1 and 500),
  status text not null check (status in ('firing', 'resolved')),
  fired_at timestamptz not null default clock_timestamp(),
  resolved_at timestamptz,
  check ((status = 'resolved') = (resolved_at is not null))
);
create unique index alert_one_firing on federation.alert (name, subject) where status = 'firing';
create index alert_page on federation.alert (fired_at, id);
create index alert_department on federation.alert (department_id);
grant select, insert, update, delete on federation.alert to federation_app;

-- How each department is by the last look at it; federation.health_check keeps the looks.
create table federation.department_health (
  department_id uuid primary key references federation.department on delete cascade,
  -- failing: a look failed, and the next ones follow quickly; unhealthy: three in a row did.
  status text not null default 'unknown' check (status in ('unknown', 'healthy', 'failing', 'unhealthy')),
  since timestamptz not null default clock_timestamp(),
  failures integer not null default 0 check (failures >= 0),
  -- What has been tried since it is unhealthy.
  heal text not null default 'none' check (heal in ('none', 'restarted', 'redeployed', 'given_up')),
  heal_run_id uuid references federation.run on delete set null,
  checked_at timestamptz,
  next_check_at timestamptz not null default clock_timestamp(),
  -- Counts the looks ever begun, so that one that was overtaken changes nothing.
  fence bigint not null default 0,
  check (heal = 'none' or status = 'unhealthy')
);
create index department_health_due on federation.department_health (next_check_at);
create index department_health_run on federation.department_health (heal_run_id);
grant select, insert, update, delete on federation.department_health to federation_app;
