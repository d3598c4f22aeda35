import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import type { ApprovalView } from "./approval.ts";
import { approvalEvent } from "./approval-event.ts";
import { lockApproval, showApproval } from "./lock.ts";

/**
 * Says no to a request, or takes an approval back that was not used yet; whoever asked may do so too. Throws 404 and
 * 409 `approval_over`.
 */
export async function rejectApproval(
  ctx: Ctx,
  id: string,
  { reason }: { reason?: string | undefined },
): Promise<ApprovalView> {
  return withTx(ctx.db.app, async (tx) => {
    await lockApproval(tx, id, "requested", "approved");
    await tx`update federation.approval set status = 'rejected', rejected_by = ${ctx.caller.id},
      decided_at = clock_timestamp() where id = ${id} and status in ('requested', 'approved')`;
    const view = await showApproval(tx, id);
    await completeIdempotency(tx, ctx, 200, view);
    const event = { action: "approval.reject", decision: "done" as const, reason };
    await appendAudit(tx, [await approvalEvent(ctx, tx, id, event)]);
    return view;
  });
}
