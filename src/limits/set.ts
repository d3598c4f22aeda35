import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";
import type { LimitKind, PolicyInput, PolicyView } from "./limit.ts";

/** Sets one limit of the installation; it counts from the next call on. The same values again change nothing. */
export async function setLimit(ctx: Ctx, kind: LimitKind, policy: PolicyInput): Promise<PolicyView> {
  const { hits, window_seconds } = policy;
  return withTx(ctx.db.app, async (tx) => {
    const changed = await tx`
      insert into federation.rate_policy as p (kind, hits, window_seconds) values (${kind}, ${hits}, ${window_seconds})
      on conflict (kind) do update set hits = excluded.hits, window_seconds = excluded.window_seconds
      where (p.hits, p.window_seconds) <> (excluded.hits, excluded.window_seconds)`;
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "limit.set", target: kind };
    if (changed.count > 0)
      await appendAudit(tx, [{ ...event, decision: "done", meta: { hits, window_seconds } }]);
    return { kind, ...policy };
  });
}
