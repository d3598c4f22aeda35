import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { lockActive } from "../departments/lock-active.ts";
import { auditActor } from "../members/audit-actor.ts";

export interface CheckAsked {
  department_id: string;
  /** What is known with a `checked_at` not before this answers it. */
  asked_at: string;
}

/**
 * Has a worker look at the department next, from within a second; while a run works on it, once that has ended. A look
 * that is under way counts no more. Throws 409 `not_active`.
 */
export async function askForCheck(ctx: Ctx, idOrSlug: string): Promise<CheckAsked> {
  return withTx(ctx.db.app, async (tx) => {
    const { id, slug } = await lockActive(ctx, tx, idOrSlug);
    const [asked] = await tx<{ at: Date }[]>`
      update federation.department_health set fence = fence + 1, next_check_at = clock_timestamp()
      where department_id = ${id} returning next_check_at as at`;
    const event = { ...auditActor(ctx), stream: id, target: id };
    await appendAudit(tx, [{ ...event, action: "department.health_check", decision: "allowed" }]);
    return { department_id: slug, asked_at: (asked?.at ?? new Date()).toISOString() };
  });
}
