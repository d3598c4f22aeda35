import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";
import { appendAudit, PLATFORM_STREAM } from "./append.ts";

/** Stores what a verification of the whole trail found, unless a later one was stored; alerts are raised from it. */
export async function noteVerification(
  ctx: Pick<Ctx, "db" | "caller" | "requestId">,
  { startedAt, problems }: { startedAt: Date; problems: number },
): Promise<void> {
  await withTx(ctx.db.app, async (tx) => {
    const { count } = await tx`
      insert into federation.audit_verification as v (at, ok, problems)
      values (${startedAt}, ${problems === 0}, ${problems})
      on conflict (one) do update set at = excluded.at, ok = excluded.ok, problems = excluded.problems
      where v.at < excluded.at`;
    if (count === 0) return;
    const decision = problems === 0 ? "done" : "failed";
    const event = { ...auditActor(ctx), stream: PLATFORM_STREAM, action: "audit.note_verification" };
    await appendAudit(tx, [{ ...event, decision, meta: { problems } }]);
  });
}
