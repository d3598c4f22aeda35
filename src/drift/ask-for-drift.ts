import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { lockActive } from "../departments/lock-active.ts";
import { auditActor } from "../members/audit-actor.ts";

export interface DriftAsked {
  department_id: string;
  /** A report whose `checked_at` is not before this answers it. */
  asked_at: string;
}

/** Wakes a worker to look at the department now. Throws 409 `not_active`. */
export async function askForDrift(ctx: Ctx, idOrSlug: string): Promise<DriftAsked> {
  return withTx(ctx.db.app, async (tx) => {
    const { id, slug } = await lockActive(ctx, tx, idOrSlug);
    const [now] = await tx<{ at: Date }[]>`select clock_timestamp() as at`;
    await ctx.queue.send(tx, "look-for-drift", { department_id: id });
    const event = { ...auditActor(ctx), stream: id, target: id };
    await appendAudit(tx, [{ ...event, action: "department.drift_check", decision: "allowed" }]);
    return { department_id: slug, asked_at: (now?.at ?? new Date()).toISOString() };
  });
}
