/**
 * The emergency stop. One transaction ends every credential and grant of the department and suspends it; from its
 * commit on the database refuses its questions, and within a second every process refuses its keys and tokens. A run
 * then stops the agent and closes the direct database login. It must work whatever else happens to the department:
 * another run is asked to take back what it made, and who holds a row we need is waited for a moment, then again.
 */
import { appendAudit, type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { retryWhileBusy } from "../db/retry-while-busy.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { type FoundRun, lockRun } from "../provisioning/find-run.ts";
import { isIrreversible, lockdownPlan, plans } from "../provisioning/plans.ts";
import { goOn } from "../provisioning/retry-run.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import { takeBackRun } from "../provisioning/take-back-run.ts";
import { emitEvent } from "../webhooks/emit.ts";
import { type PutLock, putLock } from "./put-lock.ts";
import { type Department, resolveDepartment } from "./resolve.ts";

/** Shorter than the server's search for deadlocks: it is us who gives way, and comes again. */
const lockTimeoutMs = 300;

/**
 * Locks a department. Repeating it changes nothing, but lets a parked lockdown go on and ends an unlock under way.
 * Throws 409 `already_deprovisioned`.
 */
export async function lockdownDepartment(ctx: Ctx, idOrSlug: string, { reason }: { reason: string }) {
  return retryWhileBusy(() => withTx(ctx.db.app, (tx) => lockOnce(ctx, tx, idOrSlug, reason)));
}

async function lockOnce(ctx: Ctx, tx: Tx, idOrSlug: string, reason: string) {
  await tx.unsafe(`set local lock_timeout = '${lockTimeoutMs}ms'`);
  const department = await resolveDepartment(ctx, idOrSlug, tx);
  // The department before its runs: nobody begins an unlock without it, and a step that holds it wants its run next.
  const before = await lockRow(tx, department.id);
  const runs = await lockLiveRuns(ctx, tx, department.id);
  if (before.status === "deprovisioned")
    throw conflict("already_deprovisioned", "The department is already gone.");
  const unlocking = runs.some((run) => run.kind === "unlock" && !run.cancelRequested);
  if (before.runId !== null && before.lockedAt !== null && !unlocking) {
    const parked = runs.find((run) => run.kind === "lockdown" && run.status === "failed");
    if (parked) await goOn(ctx, tx, parked, []);
    const answer = answerOf(ctx, department, before.runId, { ...before, lockedAt: before.lockedAt });
    await completeIdempotency(tx, ctx, 202, answer);
    return answer;
  }
  for (const run of runs) {
    const goesOn = run.kind === "deprovision" || isIrreversible(plans[run.kind], run.begun);
    if (!goesOn) await takeBackRun(ctx, tx, run);
  }
  return putOnRecord(ctx, tx, department, reason);
}

async function putOnRecord(ctx: Ctx, tx: Tx, department: Department, reason: string) {
  const lock = await putLock(tx, department.id, { by: ctx.caller.id, reason });
  const run = { departmentId: department.id, input: { locked_at: lock.lockedAt }, inputHash: lock.lockedAt };
  const runId = await submitRun(ctx, tx, lockdownPlan, run);
  const answer = answerOf(ctx, department, runId, { ...lock, reason });
  const data = { department_id: department.slug, locked_at: lock.lockedAt, reason, run: runId };
  await emitEvent(tx, { type: "department.locked", departmentId: department.id, data });
  await completeIdempotency(tx, ctx, 202, answer);
  await appendAudit(tx, auditEvents(ctx, department, lock, { reason, run: runId }));
  return answer;
}

async function lockLiveRuns(ctx: Ctx, tx: Tx, departmentId: string): Promise<FoundRun[]> {
  const live = await tx<{ id: string }[]>`
    select id from federation.run where department_id = ${departmentId}
      and status in ('queued', 'running', 'waiting', 'failed', 'rolling_back') order by id`;
  const runs: FoundRun[] = [];
  for (const { id } of live) runs.push(await lockRun(ctx, tx, id));
  return runs.filter((run) => !["succeeded", "rolled_back", "cancelled"].includes(run.status));
}

interface Before {
  status: string;
  lockedAt: string | null;
  reason: string;
  /** The last lockdown's. */
  runId: string | null;
}

async function lockRow(tx: Tx, departmentId: string): Promise<Before> {
  await tx`select from federation.department where id = ${departmentId} for no key update`;
  const [row] = await tx<Before[]>`
    select status, to_json(locked_at)#>>'{}' as "lockedAt", coalesce(lock_reason, '') as reason,
      (select r.id from federation.run r where r.department_id = d.id and r.kind = 'lockdown'
        order by r.created_at desc, r.id desc limit 1) as "runId"
    from federation.department d where id = ${departmentId}`;
  if (!row) throw conflict("already_deprovisioned", "The department is already gone.");
  return row;
}

function answerOf(
  ctx: Ctx,
  department: Department,
  runId: string,
  lock: { status: string; lockedAt: string; reason: string } & Partial<PutLock>,
) {
  const url = `${ctx.config.publicUrl}/api/v1/provision-status/${runId}`;
  return {
    department_id: department.slug,
    department: department.id,
    status: lock.status,
    locked_at: lock.lockedAt,
    reason: lock.reason,
    keys_revoked: lock.keys?.length ?? 0,
    grants_revoked: lock.grants?.length ?? 0,
    provisioning_id: runId,
    status_url: url,
    events_url: `${url}/events`,
  };
}

/** The department's trail and the platform's; the other side of a grant hears of its end in its own. */
function auditEvents(
  ctx: Ctx,
  department: Department,
  lock: PutLock,
  { reason, run }: { reason: string; run: string },
): AuditEvent[] {
  const common = { ...auditActor(ctx), decision: "done" as const, reason };
  const meta = { run, keys: lock.keys.length, grants: lock.grants.length };
  const locked = {
    ...common,
    action: "department.lock",
    target: department.id,
    department: department.id,
    meta,
  };
  const ended = lock.grants.flatMap(({ id, source, target }): AuditEvent[] => {
    const other = source === department.id ? target : source;
    const event = { ...common, action: "grant.revoke", target: id };
    return [department.id, ...(other === null ? [] : [other])].map((stream) => ({ ...event, stream }));
  });
  return [{ ...locked, stream: department.id }, { ...locked, stream: PLATFORM_STREAM }, ...ended];
}
