import type { Tx } from "../db/tx.ts";
import { conflict, notFound } from "../errors.ts";
import { type ApprovalView, selectApprovals } from "./approval.ts";

/** An approval, locked for the rest of the transaction. Throws 404, and 409 `approval_over` in another status. */
export async function lockApproval(
  tx: Tx,
  id: string,
  ...statuses: ApprovalView["status"][]
): Promise<ApprovalView> {
  await tx`select from federation.approval where id = ${id} for update`;
  const approval = await showApproval(tx, id);
  if (!statuses.includes(approval.status))
    throw conflict("approval_over", `The approval is already ${approval.status}.`);
  return approval;
}

export async function showApproval(tx: Tx, id: string): Promise<ApprovalView> {
  const [approval] = await tx<ApprovalView[]>`${selectApprovals(tx)} where a.id = ${id}`;
  if (!approval) throw notFound();
  return approval;
}
