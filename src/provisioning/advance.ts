import { type AuditEvent, auditJson } from "../audit/append.ts";
import type { Sql } from "../db/tx.ts";
import { leaseSeconds } from "./claim.ts";
import type { RunChange, StepChange } from "./decide.ts";
import type { ClaimedRun } from "./run.ts";
import { runEvents } from "./run-events.ts";
import { runTransitions, statusesBefore, stepTransitions } from "./state.ts";

/** What happened to one run and what begins next. */
export interface Advance {
  run: ClaimedRun;
  steps: StepChange[];
  change: RunChange | undefined;
  /** What the department becomes with it; undefined leaves it alone. */
  departmentStatus: string | undefined;
}

export interface Advanced {
  cancelRequested: boolean;
  /** The steps whose change was stored; a step is not begun once a cancel was asked for. */
  stored: Set<string>;
}

/**
 * Stores advances of different runs: steps, runs, department statuses, events, audit, leases, in one statement, one commit.
 * The answer has a place for each; undefined where the epoch is no longer ours, or where a cancel came before the run
 * could succeed: of that run nothing was changed, and who claims it next takes it back.
 */
export async function advanceRuns(sql: Sql, advances: readonly Advance[]): Promise<(Advanced | undefined)[]> {
  const runs = advances.map(runRow);
  const steps = advances.flatMap(({ run, steps: changes }) =>
    changes.map((change) => ({
      ...change,
      run: run.id,
      from: statusesBefore(stepTransitions, change.status),
    })),
  );
  const events = advances.flatMap(({ run, steps: changes, change }) => auditEvents(run, changes, change));
  const told = advances.flatMap(({ run, change }) => runEvents(run, change));
  const rows = await sql<{ id: string; cancelled: boolean; stored: string[] | null }[]>`
    with wanted as (
      select * from jsonb_to_recordset(${sql.json(runs)}) as w(
        id uuid, epoch int, owner text, before text[], next text, release boolean, "wakeSeconds" float8,
        "errorCode" text, "errorMessage" text, "departmentStatus" text)
    ), locked as materialized (
      -- In the order of ids, as the renewal of leases does: two statements over many runs must not meet crosswise.
      select r.id from federation.run r join wanted w on w.id = r.id order by r.id for no key update of r
    ), advanced as (
      update federation.run r set
        change = r.change + 1,
        status = coalesce(w.next, r.status),
        lease_owner = case when w.release then null else r.lease_owner end,
        lease_until = case when not w.release then clock_timestamp() + make_interval(secs => ${leaseSeconds}) end,
        -- A cancel that came while the worker decided to wait or to park must not wait for that.
        wake_at = case when r.status = 'running' and r.cancel_requested_at is not null and w.next in ('waiting', 'failed')
          then clock_timestamp() else clock_timestamp() + make_interval(secs => w."wakeSeconds") end,
        error_code = case when w.next is null or w.next in ('rolling_back', 'rolled_back', 'cancelled')
          then coalesce(w."errorCode", r.error_code) else w."errorCode" end,
        error_message = case when w.next is null or w.next in ('rolling_back', 'rolled_back', 'cancelled')
          then coalesce(w."errorMessage", r.error_message) else w."errorMessage" end,
        finished_at = case when w.next in ('succeeded', 'rolled_back', 'cancelled') then clock_timestamp() end
      from locked l join wanted w on w.id = l.id
      where r.id = l.id and r.epoch = w.epoch and r.lease_owner = w.owner and r.status = any(w.before)
        and (r.cancel_requested_at is null or w.next is distinct from 'succeeded')
      returning r.id, r.department_id, r.cancel_requested_at is not null as cancelled, w."departmentStatus",
        w."errorMessage" as orphan_reason, coalesce(w."errorCode" = 'rollback_incomplete', false) as leaves_orphans,
        r.error_code
    ), stepped as (
      update federation.step s set
        status = c.status, attempt = c.attempt, failures = c.failures, crashes = c.crashes, output = c.output,
        error_code = c."errorCode", error_message = c."errorMessage", waits_for = c."waitsFor",
        queue_seconds = s.queue_seconds + c."queueSeconds", in_line = c."queueSeconds" > 0,
        wake_at = clock_timestamp() + make_interval(secs => c."wakeSeconds"),
        started_at = coalesce(s.started_at, clock_timestamp()),
        finished_at = case when c.status in ('done', 'failed', 'skipped', 'undone') then clock_timestamp() end
      from advanced a, jsonb_to_recordset(${sql.json(steps as never)}) as c(
        run uuid, name text, status text, attempt int, failures int, crashes int, output jsonb, "errorCode" text,
        "errorMessage" text, "waitsFor" text, "queueSeconds" float8, "wakeSeconds" float8, "from" text[])
      where c.run = a.id and s.run_id = a.id and s.name = c.name and s.status = any(c."from")
        and not (a.cancelled and c.status = 'running')
      returning s.run_id, s.name
    ), department as (
      update federation.department d set
        status = a."departmentStatus", updated_at = clock_timestamp(),
        deprovisioned_at = case when a."departmentStatus" = 'deprovisioned' then clock_timestamp() end
      from advanced a
      where a."departmentStatus" is not null and d.id = a.department_id and d.status <> 'deprovisioned'
    ), orphaned as (
      update federation.resource o set orphaned_at = clock_timestamp(), orphan_reason = a.orphan_reason
      from advanced a where a.leaves_orphans and o.department_id = a.department_id and o.deleted_at is null
    ), emitted as (
      insert into federation.webhook_event (id, type, department_id, data)
      select e.id, e.type, a.department_id, e.data || jsonb_build_object('error', a.error_code)
      from jsonb_to_recordset(${sql.json(told as never)}) as e(id uuid, run uuid, type text, data jsonb)
      join advanced a on a.id = e.run
    ), audited as (
      select audit.append(coalesce(jsonb_agg(e), '[]')) as n
      from jsonb_array_elements(${auditJson(sql, events)}) e join advanced a on a.id::text = e->>'target'
    )
    select a.id, a.cancelled, (select array_agg(s.name) from stepped s where s.run_id = a.id) as stored,
      (select n from audited)
    from advanced a`;
  const byRun = new Map(rows.map((row) => [row.id, row]));
  return advances.map(({ run }) => {
    const row = byRun.get(run.id);
    return row && { cancelRequested: row.cancelled, stored: new Set(row.stored) };
  });
}

function runRow({ run, change, departmentStatus }: Advance) {
  return {
    id: run.id,
    epoch: run.epoch,
    owner: run.owner,
    before: change ? statusesBefore(runTransitions, change.status) : [run.status],
    next: change?.status ?? null,
    release: change?.release ?? false,
    wakeSeconds: change?.wakeSeconds ?? null,
    errorCode: change?.errorCode ?? null,
    errorMessage: change?.errorMessage ?? null,
    departmentStatus: departmentStatus ?? null,
  };
}

const auditedSteps: Record<string, AuditEvent["decision"]> = {
  done: "done",
  skipped: "done",
  undone: "done",
  failed: "failed",
};

function auditEvents(run: ClaimedRun, changes: StepChange[], runChange: RunChange | undefined): AuditEvent[] {
  const common = {
    stream: run.department.id,
    actor: run.owner,
    actorKind: "system" as const,
    target: run.id,
    requestId: run.requestId,
  };
  const steps = changes.flatMap((change): AuditEvent[] => {
    const decision = auditedSteps[change.status];
    if (!decision) return [];
    const meta = {
      step: change.name,
      attempt: change.attempt,
      ...(change.errorCode && { error: change.errorCode }),
    };
    return [{ ...common, action: `step.${change.status}`, decision, meta }];
  });
  if (!runChange || runChange.status === "waiting") return steps;
  const decision = runChange.status === "failed" ? "failed" : "done";
  const meta = { kind: run.kind, ...(runChange.errorCode && { error: runChange.errorCode }) };
  return [...steps, { ...common, action: `run.${runChange.status}`, decision, meta }];
}
