import type { Demand } from "../approvals/demand.ts";
import { useApproval } from "../approvals/use.ts";
import { withApproval } from "../approvals/with-approval.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { unprocessable } from "../errors.ts";
import { decideGrant } from "./decide.ts";
import type { ApprovalInput, GrantView } from "./grant.ts";
import type { Grant } from "./grant-row.ts";

/**
 * Opens a grant from now on, for as long as was asked or shorter, with a limit of its own or without. Throws as
 * `decideGrant`, 422 `longer_than_asked`, and for a grant on everything 403 `approval_required` where the environment
 * asks for a second person.
 */
export async function approveGrant(ctx: Ctx, id: string, input: ApprovalInput): Promise<GrantView> {
  const { departmentId } = ctx.caller;
  const demand: Demand = { action: "wildcard-grant", target: id, departmentId, request: input };
  return withApproval(ctx, demand, () =>
    decideGrant(ctx, id, {
      action: "grant.approve",
      to: "approved",
      async update(tx, grant) {
        if (grant.resource === "*") await useApproval(ctx, tx, demand);
        return open(ctx, tx, grant, input);
      },
    }),
  );
}

function open(ctx: Ctx, tx: Tx, grant: Grant, { expires_in_days, limit }: ApprovalInput) {
  const asked = grant.expires_in_days ?? 1;
  const days = expires_in_days ?? asked;
  if (days > asked) {
    throw unprocessable("longer_than_asked", `It was asked for ${asked} days at most.`, [
      { path: "expires_in_days", message: "is longer than was asked for" },
    ]);
  }
  return tx`
    update federation.access_grant set status = 'approved', approved_by = ${ctx.caller.id}, approved_at = now(),
      expires_at = now() + make_interval(days => ${days}),
      query_limit = ${limit?.hits ?? null}, query_window_seconds = ${limit?.window_seconds ?? null}
    where id = ${grant.id} and status = 'requested' and lapses_at > clock_timestamp()`;
}
