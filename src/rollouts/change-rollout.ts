import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { type RolloutView, selectRollout } from "./rollout.ts";

/** Runs what a person decides about a rollout, its row held; `change` is guarded by the status and throws. */
export async function changeRollout(
  ctx: Ctx,
  id: string,
  action: string,
  change: (tx: Tx) => Promise<void>,
): Promise<RolloutView> {
  return withTx(ctx.db.app, async (tx) => {
    await tx`select from federation.rollout where id = ${id} for no key update`;
    const { release } = await selectRollout(tx, id);
    await change(tx);
    const view = await selectRollout(tx, id);
    await completeIdempotency(tx, ctx, 202, view);
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action, target: id };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { release } }]);
    return view;
  });
}
