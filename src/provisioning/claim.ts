import type { Sql } from "../db/tx.ts";
import type { JsonObject } from "../json.ts";
import type { ClaimedRun, RunDepartment, RunKind, StepStatus, StepView } from "./run.ts";

export const leaseSeconds = 2;

export interface Claim {
  run: ClaimedRun;
  steps: Map<string, StepView>;
}

interface ClaimRow {
  id: string;
  kind: RunKind;
  epoch: number;
  lease_owner: string;
  status: "running" | "rolling_back";
  cancel_requested: boolean;
  input: JsonObject;
  requested_by: string;
  request_id: string;
  trace_parent: string | null;
  department: RunDepartment;
  steps: (Omit<StepView, "wakeAtMs"> & { status: StepStatus; wakeSeconds: number | null })[];
}

/**
 * Takes up to `limit` runs that nobody holds and that are due: new ones, waiting ones whose time has come, those of a
 * dead worker, parked ones to roll back; lockdowns before all others. One statement; a run is taken by exactly one of many workers. The epoch goes
 * up, so whatever an earlier holder still writes changes nothing.
 */
export async function claimRuns(sql: Sql, owner: string, kinds: RunKind[], limit: number): Promise<Claim[]> {
  const rows = await sql<ClaimRow[]>`
    with due as (
      select id from federation.run
      where status in ('queued', 'running', 'waiting', 'failed', 'rolling_back')
        and coalesce(lease_until, wake_at, created_at) <= clock_timestamp()
        and (status <> 'failed' or wake_at is not null)
        and kind = any(${kinds})
      order by (kind = 'lockdown') desc, coalesce(lease_until, wake_at, created_at)
      limit ${limit}
      for update skip locked
    ), claimed as (
      update federation.run r set
        status = case when r.status in ('failed', 'rolling_back')
          or (r.cancel_requested_at is not null and r.status in ('queued', 'waiting')) then 'rolling_back' else 'running' end,
        epoch = r.epoch + 1, takeovers = r.takeovers + (r.lease_owner is not null)::integer, change = r.change + 1, wake_at = null,
        lease_owner = ${owner}, lease_until = clock_timestamp() + make_interval(secs => ${leaseSeconds}),
        started_at = coalesce(r.started_at, clock_timestamp())
      from due where r.id = due.id
      returning r.*
    )
    select c.id, c.kind, c.epoch, c.lease_owner, c.status, c.cancel_requested_at is not null as cancel_requested,
      c.input, c.requested_by, c.request_id, c.trace_parent,
      jsonb_build_object('id', d.id, 'slug', d.slug, 'name', d.name, 'suffix', d.suffix, 'schemaName', d.schema_name,
        'roleName', d.role_name, 'host', d.host, 'region', d.region, 'release', d.release,
        'adminEmail', d.admin_email, 'configVersion', d.config_version) as department,
      (select coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'status', s.status, 'attempt', s.attempt,
          'failures', s.failures, 'crashes', s.crashes, 'output', s.output, 'errorCode', s.error_code,
          'errorMessage', s.error_message, 'wakeSeconds', extract(epoch from s.wake_at - clock_timestamp()))
          order by s.position), '[]')
        from federation.step s where s.run_id = c.id) as steps
    from claimed c join federation.department d on d.id = c.department_id`;
  const nowMs = performance.now();
  return rows.map((row) => claimOf(row, nowMs));
}

function claimOf(row: ClaimRow, nowMs: number): Claim {
  const run: ClaimedRun = {
    id: row.id,
    kind: row.kind,
    epoch: row.epoch,
    owner: row.lease_owner,
    status: row.status,
    cancelRequested: row.cancel_requested,
    input: row.input,
    requestedBy: row.requested_by,
    requestId: row.request_id,
    traceParent: row.trace_parent,
    department: row.department,
  };
  const steps = row.steps.map(({ wakeSeconds, ...step }): [string, StepView] => [
    step.name,
    { ...step, wakeAtMs: wakeSeconds === null ? null : nowMs + wakeSeconds * 1000 },
  ]);
  return { run, steps: new Map(steps) };
}
