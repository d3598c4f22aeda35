import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { FederationError, forbidden } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import type { ApprovalView } from "./approval.ts";
import { approvalEvent } from "./approval-event.ts";
import { lockApproval, showApproval } from "./lock.ts";

/**
 * Says yes to somebody else's request. Members are compared, never keys: throws 403 `self_approval` for whoever asked,
 * with whatever key, 403 `not_an_approver` for a machine; both are on record. Throws 404 and 409 `approval_over`.
 */
export async function approveApproval(ctx: Ctx, id: string): Promise<ApprovalView> {
  try {
    return await withTx(ctx.db.app, async (tx) => {
      const approval = await lockApproval(tx, id, "requested");
      refuseUnlessSecond(ctx, approval);
      await tx`update federation.approval set status = 'approved', approved_by = ${ctx.caller.id},
        decided_at = clock_timestamp() where id = ${id} and status = 'requested'`;
      const view = await showApproval(tx, id);
      await completeIdempotency(tx, ctx, 200, view);
      await appendAudit(tx, [
        await approvalEvent(ctx, tx, id, { action: "approval.approve", decision: "done" }),
      ]);
      return view;
    });
  } catch (error) {
    if (error instanceof FederationError && error.status === 403) await recordRefusal(ctx, id, error.code);
    throw error;
  }
}

function refuseUnlessSecond({ caller }: Ctx, approval: ApprovalView): void {
  if (caller.kind !== "member" || (caller.role !== "admin" && caller.role !== "operator"))
    throw forbidden("not_an_approver", "Only an admin or operator of the platform approves.");
  if (caller.id === approval.requested_by)
    throw forbidden("self_approval", "Somebody else has to approve what you asked for.");
}

async function recordRefusal(ctx: Ctx, id: string, reason: string): Promise<void> {
  await withTx(ctx.db.app, async (tx) => {
    const event = await approvalEvent(ctx, tx, id, {
      action: "approval.approve",
      decision: "denied",
      reason,
    });
    await appendAudit(tx, [event]);
  });
}
