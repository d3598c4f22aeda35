import { appendAudit, type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";

/** Puts on record that the console refused somebody. */
export async function noteDenied(
  ctx: Ctx,
  what: Pick<AuditEvent, "reason" | "meta"> & { action: "console.sign_in" | "console.denied" },
): Promise<void> {
  const stream = ctx.caller.departmentId ?? PLATFORM_STREAM;
  const event = { ...auditActor(ctx), ...what, stream, decision: "denied" as const };
  await withTx(ctx.db.app, (tx) => appendAudit(tx, [event]));
}
