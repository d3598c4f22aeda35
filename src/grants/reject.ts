import type { Ctx } from "../context.ts";
import { decideGrant } from "./decide.ts";
import type { EndInput, GrantView } from "./grant.ts";

/** Answers a request with no, and why. Throws as `decideGrant`. */
export async function rejectGrant(ctx: Ctx, id: string, { reason }: EndInput): Promise<GrantView> {
  return decideGrant(ctx, id, {
    action: "grant.reject",
    to: "rejected",
    reason,
    update: (tx) => tx`
      update federation.access_grant set status = 'rejected', ended_by = ${ctx.caller.id},
        ended_at = clock_timestamp(), ended_reason = ${reason}
      where id = ${id} and status = 'requested'`,
  });
}
