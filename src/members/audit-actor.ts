import type { AuditEvent } from "../audit/append.ts";
import type { Ctx } from "../context.ts";

/** Who an audit event of this call names. */
export function auditActor(
  ctx: Pick<Ctx, "caller" | "requestId">,
): Pick<AuditEvent, "actor" | "actorKind" | "requestId"> {
  return { actor: ctx.caller.id, actorKind: ctx.caller.kind, requestId: ctx.requestId };
}
