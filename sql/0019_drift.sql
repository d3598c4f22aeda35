-- What the last look at each department found that is not as it should be; without a row, nobody has looked yet.
set local role federation_owner;

create table federation.drift_report (
  department_id uuid primary key references federation.department on delete cascade,
  -- null: nothing was found, and some part could not be looked at.
  in_sync boolean,
  -- By part, and which parts are unknown and why; never with a secret or the value of a variable.
  report jsonb not null check (jsonb_typeof(report) = 'object'),
  -- When the look began: what was asked for before that instant is answered by it.
  checked_at timestamptz not null,
  -- Since when it differs; kept while it cannot be told.
  found_at timestamptz,
  -- When a repair was begun by policy last.
  repaired_at timestamptz,
  check (in_sync is distinct from true or found_at is null),
  check (in_sync is distinct from false or found_at is not null)
);
grant select, insert, update, delete on federation.drift_report to federation_app;
