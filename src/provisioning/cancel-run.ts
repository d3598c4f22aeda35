import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { type FoundRun, lockRun } from "./find-run.ts";
import { isIrreversible, plans } from "./plans.ts";

/**
 * Stops what runs and takes back everything the run has begun. Asking twice is harmless. Throws 409 `run_over` for a
 * finished run and `irreversible` once a deprovision or a move has begun to destroy, and for a lockdown.
 */
export async function cancelRun(ctx: Ctx, runId: string) {
  return withTx(ctx.db.app, async (tx) => {
    const run = await lockRun(ctx, tx, runId);
    const answer = await requestCancel(ctx, tx, run);
    await completeIdempotency(tx, ctx, 202, answer);
    const event = {
      ...auditActor(ctx),
      stream: run.departmentId,
      action: "run.cancel",
      decision: "done" as const,
    };
    await appendAudit(tx, [{ ...event, meta: { run: run.id } }]);
    return answer;
  });
}

/** The cancel itself, for callers that have the run locked; the worker that holds it hears of it within 0.5 s. */
export async function requestCancel(ctx: Ctx, tx: Tx, run: FoundRun) {
  if (["succeeded", "rolled_back", "cancelled"].includes(run.status)) {
    throw conflict("run_over", "The run is already over.");
  }
  if (isIrreversible(plans[run.kind], run.begun)) {
    throw conflict("irreversible", "What the run does cannot be taken back; it can only go on.");
  }
  await tx`
    update federation.run set change = change + 1,
      cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
      wake_at = case when status in ('waiting', 'failed') then clock_timestamp() else wake_at end
    where id = ${run.id}`;
  await ctx.queue.send(tx, "run", { run_id: run.id });
  return { provisioning_id: run.id, run_status: run.status, cancel_requested: true };
}
