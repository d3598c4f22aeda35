import { type AuditEvent, auditJson } from "../audit/append.ts";
import type { Sql } from "../db/tx.ts";
import { leaseSeconds } from "./claim.ts";
import type { RunChange, StepChange } from "./decide.ts";
import type { ClaimedRun } from "./run.ts";
import { runTransitions, stepStatusesBefore } from "./state.ts";

export interface Advanced {
  cancelRequested: boolean;
  /** The steps whose change was stored; a step is not begun once a cancel was asked for. */
  stored: Set<string>;
}

/**
 * Stores what happened to a run and what begins next: steps, run, department status, audit, lease, in one statement
 * and one commit. Undefined when the epoch is no longer ours: then nothing was changed.
 */
export async function advanceRun(
  sql: Sql,
  run: ClaimedRun,
  changes: StepChange[],
  runChange: RunChange | undefined,
  departmentStatus: string | undefined,
): Promise<Advanced | undefined> {
  const steps = changes.map((change) => ({ ...change, from: stepStatusesBefore(change.status) }));
  const next = runChange?.status ?? null;
  const before = next === null ? [run.status] : statusesBefore(next);
  const [row] = await sql<{ cancelled: boolean; stored: string[] | null }[]>`
    with advanced as (
      update federation.run r set
        change = r.change + 1,
        status = coalesce(${next}, r.status),
        lease_owner = case when ${runChange?.release ?? false} then null else r.lease_owner end,
        lease_until = case when ${runChange?.release ?? false} then null
          else clock_timestamp() + make_interval(secs => ${leaseSeconds}) end,
        wake_at = clock_timestamp() + make_interval(secs => ${runChange?.wakeSeconds ?? null}::float8),
        error_code = case when ${next}::text is null then r.error_code
          else coalesce(${runChange?.errorCode ?? null}, case when ${next} in ('rolling_back', 'rolled_back', 'cancelled')
            then r.error_code end) end,
        error_message = case when ${next}::text is null then r.error_message
          else coalesce(${runChange?.errorMessage ?? null}, case when ${next} in ('rolling_back', 'rolled_back', 'cancelled')
            then r.error_message end) end,
        finished_at = case when ${next} in ('succeeded', 'rolled_back', 'cancelled') then clock_timestamp() end
      where r.id = ${run.id} and r.epoch = ${run.epoch} and r.lease_owner = ${run.owner} and r.status = any(${before})
      returning r.id, r.department_id, r.cancel_requested_at is not null as cancelled
    ), stepped as (
      update federation.step s set
        status = c.status, attempt = c.attempt, failures = c.failures, crashes = c.crashes, output = c.output,
        error_code = c."errorCode", error_message = c."errorMessage", waits_for = c."waitsFor",
        wake_at = clock_timestamp() + make_interval(secs => c."wakeSeconds"),
        started_at = coalesce(s.started_at, clock_timestamp()),
        finished_at = case when c.status in ('done', 'failed', 'skipped', 'undone') then clock_timestamp() end
      from advanced, jsonb_to_recordset(${sql.json(steps as never)}) as c(
        name text, status text, attempt int, failures int, crashes int, output jsonb, "errorCode" text,
        "errorMessage" text, "waitsFor" text, "wakeSeconds" float8, "from" text[])
      where s.run_id = advanced.id and s.name = c.name and s.status = any(c."from")
        and not (advanced.cancelled and c.status = 'running')
      returning s.name
    ), department as (
      update federation.department d set
        status = ${departmentStatus ?? null}, updated_at = clock_timestamp(),
        deprovisioned_at = case when ${departmentStatus ?? null} = 'deprovisioned' then clock_timestamp() end
      from advanced
      where ${departmentStatus ?? null}::text is not null and d.id = advanced.department_id
        and d.status <> 'deprovisioned'
    ), audited as (
      select audit.append(${auditJson(sql, auditEvents(run, changes, runChange))}) as n from advanced
    )
    select cancelled, (select array_agg(name) from stepped) as stored, (select count(n) from audited) from advanced`;
  return row && { cancelRequested: row.cancelled, stored: new Set(row.stored) };
}

const auditedSteps: Record<string, AuditEvent["decision"]> = { done: "done", skipped: "done", undone: "done", failed: "failed" };

function auditEvents(run: ClaimedRun, changes: StepChange[], runChange: RunChange | undefined): AuditEvent[] {
  const common = {
    stream: run.department.id,
    actor: run.owner,
    actorKind: "system" as const,
    department: run.department.id,
    requestId: run.requestId,
  };
  const steps = changes.flatMap((change): AuditEvent[] => {
    const decision = auditedSteps[change.status];
    if (!decision) return [];
    const meta = { step: change.name, attempt: change.attempt, ...(change.errorCode && { error: change.errorCode }) };
    return [{ ...common, action: `step.${change.status}`, target: run.id, decision, meta }];
  });
  if (!runChange || runChange.status === "waiting") return steps;
  const decision = runChange.status === "failed" ? "failed" : "done";
  const meta = { kind: run.kind, ...(runChange.errorCode && { error: runChange.errorCode }) };
  return [...steps, { ...common, action: `run.${runChange.status}`, target: run.id, decision, meta }];
}

function statusesBefore(next: RunChange["status"]): string[] {
  return Object.entries(runTransitions).flatMap(([from, to]) => (to.includes(next) ? [from] : []));
}
