import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict, unprocessable } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { type FoundRun, lockRun } from "./find-run.ts";
import { plans, withDependents } from "./plans.ts";

/**
 * Lets a parked run go on at the steps that failed; `from_step` also redoes that step and all that need it. A run whose
 * rollback was incomplete goes on rolling back. Throws 409 `not_retryable` unless the run is parked.
 */
export async function retryRun(ctx: Ctx, runId: string, input: { from_step?: string | undefined }) {
  return withTx(ctx.db.app, async (tx) => {
    const run = await lockRun(ctx, tx, runId);
    if (run.status !== "failed") throw conflict("not_retryable", "Only a failed run can be retried.");
    if (run.cancelRequested && !run.undoing)
      throw conflict("cancelled", "The run is about to be taken back.");
    if (run.undoing && input.from_step) {
      throw conflict("rolling_back", "The run is being taken back; it can only go on with that.");
    }
    await goOn(ctx, tx, run, input.from_step === undefined ? [] : stepsFrom(run, input.from_step));
    const answer = { provisioning_id: run.id, run_status: run.undoing ? "rolling_back" : "queued" };
    await completeIdempotency(tx, ctx, 202, answer);
    const meta = { run: run.id, ...(input.from_step && { from_step: input.from_step }) };
    await appendAudit(tx, [
      { ...auditActor(ctx), stream: run.departmentId, action: "run.retry", decision: "done", meta },
    ]);
    return answer;
  });
}

/** The retry itself, for callers that have the failed run locked: forward, or back if it was being taken back. */
export async function goOn(ctx: Ctx, tx: Tx, run: FoundRun, redo: readonly string[]): Promise<void> {
  await tx`
    update federation.step set
      status = case when status = 'undoing' then status else 'pending' end,
      failures = 0, crashes = 0, wake_at = null, waits_for = null, error_code = null, error_message = null,
      finished_at = null, output = case when status in ('done', 'skipped') then null else output end
    where run_id = ${run.id} and (status in ('failed', 'waiting', 'undoing')
      or (name = any(${[...redo]}) and status in ('done', 'skipped')))`;
  if (run.undoing) {
    await tx`update federation.run set wake_at = clock_timestamp(), change = change + 1
      where id = ${run.id} and status = 'failed'`;
  } else {
    await tx`update federation.run set status = 'queued', wake_at = null, change = change + 1,
      error_code = null, error_message = null where id = ${run.id} and status = 'failed'`;
    const resumed = plans[run.kind]?.departmentStatus.resumed ?? null;
    await tx`update federation.department set status = coalesce(${resumed}, status), updated_at = clock_timestamp()
      where id = ${run.departmentId} and status = 'failed'`;
  }
  await ctx.queue.send(tx, "run", { run_id: run.id });
}

function stepsFrom({ kind, begun }: FoundRun, name: string): string[] {
  const plan = plans[kind];
  if (!plan?.steps.some((step) => step.name === name)) {
    throw unprocessable("unknown_step", "The run has no such step.", [
      { path: "from_step", message: "unknown step" },
    ]);
  }
  const { pointOfNoReturn } = plan;
  const destroying = pointOfNoReturn !== undefined && begun.includes(pointOfNoReturn);
  if (destroying && !withDependents(plan, pointOfNoReturn).includes(name)) {
    throw conflict(
      "irreversible",
      `What the run does cannot be taken back any more; go on from ${pointOfNoReturn} or later.`,
    );
  }
  return withDependents(plan, name);
}
