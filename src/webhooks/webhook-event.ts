import { type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { auditActor } from "../members/audit-actor.ts";

/** What goes on record when somebody changes an endpoint or a source: in the department's trail, or the platform's. */
export function webhookEvent(
  ctx: Ctx,
  row: { id: string; department: string | undefined },
  action: string,
  meta: NonNullable<AuditEvent["meta"]> = {},
): AuditEvent {
  const stream = row.department ?? PLATFORM_STREAM;
  return { ...auditActor(ctx), stream, action, target: row.id, decision: "done", meta };
}
