import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";
import { appendAudit, type AuditEvent, PLATFORM_STREAM } from "./append.ts";

/**
 * Puts a look at the trail on record before anything of it leaves. Answers the streams that the caller may see: a
 * department's people their own, undefined = all.
 */
export async function readOnRecord(
  ctx: Ctx,
  { action, meta }: Pick<AuditEvent, "action" | "meta">,
): Promise<string[] | undefined> {
  const { departmentId } = ctx.caller;
  const event = { ...auditActor(ctx), stream: departmentId ?? PLATFORM_STREAM, action, meta };
  await withTx(ctx.db.app, (tx) => appendAudit(tx, [{ ...event, decision: "allowed" }]));
  return departmentId === undefined ? undefined : [departmentId];
}
