import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { grantOver } from "./decide.ts";
import type { EndInput, GrantView } from "./grant.ts";
import { grantEvents } from "./grant-events.ts";
import { lockGrant, viewGrant } from "./grant-row.ts";

/**
 * Ends a grant, or takes a request back, by an admin of either side or of the platform; from its commit on no answer
 * leaves. Revoking it again changes nothing. Throws 404 and 409 `grant_over`.
 */
export async function revokeGrant(ctx: Ctx, id: string, { reason }: EndInput): Promise<GrantView> {
  return withTx(ctx.db.app, async (tx) => {
    const grant = await lockGrant(ctx, tx, id);
    const isNew = grant.storedStatus !== "revoked";
    if (isNew) {
      const ended = await tx`
        update federation.access_grant set status = 'revoked', ended_by = ${ctx.caller.id},
          ended_at = clock_timestamp(), ended_reason = ${reason}
        where id = ${id} and status in ('requested', 'approved')`;
      if (ended.count === 0) throw grantOver();
    }
    const view = viewGrant(ctx, await lockGrant(ctx, tx, id));
    await completeIdempotency(tx, ctx, 200, view);
    const event = { ...auditActor(ctx), action: "grant.revoke", decision: "done" as const, reason };
    if (isNew) await appendAudit(tx, grantEvents(grant, event));
    return view;
  });
}
