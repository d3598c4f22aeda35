import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict, forbidden } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import type { GrantView } from "./grant.ts";
import { grantEvents } from "./grant-events.ts";
import { type Grant, lockGrant, viewGrant } from "./grant-row.ts";

export interface Decision {
  action: "grant.approve" | "grant.reject";
  to: "approved" | "rejected";
  reason?: string | undefined;
  /** The guarded update; zero rows = it was answered meanwhile. */
  update(tx: Tx, grant: Grant): Promise<{ count: number }>;
}

/**
 * Answers a request as an admin of the target: a person, compared by member, never by key. The same answer again
 * changes nothing. Throws 404, 403 `not_the_target`, which is on record, and 409 `grant_over`.
 */
export async function decideGrant(ctx: Ctx, id: string, decision: Decision): Promise<GrantView> {
  const view = await withTx(ctx.db.app, async (tx) => {
    const grant = await lockGrant(ctx, tx, id);
    if (!(await isTargetsAdmin(ctx, tx, grant))) {
      await recordRefusal(ctx, tx, grant, decision);
      return undefined;
    }
    if (grant.storedStatus !== decision.to) {
      if (grant.status !== "requested") throw grantOver();
      const { count } = await decision.update(tx, grant);
      if (count === 0) throw grantOver();
    }
    const decided = await lockGrant(ctx, tx, id);
    const answer = viewGrant(ctx, decided);
    await completeIdempotency(tx, ctx, 200, answer);
    if (grant.storedStatus !== decision.to) await record(ctx, tx, decided, decision);
    return answer;
  });
  if (!view) throw forbidden("not_the_target", "Only an admin of the department that is asked decides.");
  return view;
}

/** The 409 of a grant that is in no state for this. */
export const grantOver = () => conflict("grant_over", "The grant was already answered, or is over.");

async function isTargetsAdmin({ caller }: Ctx, tx: Tx, grant: Grant): Promise<boolean> {
  if (caller.kind !== "member" || grant.target === null || caller.id === grant.requested_by) return false;
  const [member] = await tx`
    select from federation.member
    where id = ${caller.id} and role = 'department_admin' and department_id = ${grant.target} and disabled_at is null
    for share`;
  return member !== undefined;
}

async function record(ctx: Ctx, tx: Tx, grant: Grant, decision: Decision): Promise<void> {
  const { expires_at, queryLimit, queryWindowSeconds } = grant;
  const terms = queryLimit === null ? { expires_at } : { expires_at, queryLimit, queryWindowSeconds };
  const meta = decision.to === "approved" ? terms : {};
  const { action, reason } = decision;
  const event = { ...auditActor(ctx), action, decision: "done" as const, reason, meta };
  await appendAudit(tx, grantEvents(grant, event));
}

async function recordRefusal(ctx: Ctx, tx: Tx, grant: Grant, { action }: Decision): Promise<void> {
  const event = { ...auditActor(ctx), action, decision: "denied" as const, reason: "not_the_target" };
  await appendAudit(tx, grantEvents(grant, event));
}
