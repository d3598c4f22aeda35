import { type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import type { Sql, Tx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";

/** What goes on record about an approval, in the trail of whom it concerns. */
export async function approvalEvent(
  ctx: Ctx,
  sql: Sql | Tx,
  id: string,
  event: Pick<AuditEvent, "action" | "decision" | "reason">,
): Promise<AuditEvent> {
  const [row] = await sql<{ department: string | null; action: string; target: string; by: string }[]>`
    select department_id as department, action, target, requested_by as by from federation.approval where id = ${id}`;
  const stream = row?.department ?? PLATFORM_STREAM;
  const meta = { action: row?.action ?? "", for: row?.target ?? "", requested_by: row?.by ?? "" };
  return { ...auditActor(ctx), ...event, stream, target: id, meta };
}
