import type { AuditEvent } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import { emitEvent } from "../webhooks/emit.ts";
import { type Alert, alertAudit, alertData } from "./alert.ts";

/** Closes the open alert of this name and subject and tells it; answers what to put on record, nothing when none was open. */
export async function resolveAlert(tx: Tx, name: string, subject: string): Promise<AuditEvent[]> {
  const [closed] = await tx<(Alert & { id: string; firedAt: Date })[]>`
    update federation.alert set status = 'resolved', resolved_at = clock_timestamp()
    where name = ${name} and subject = ${subject} and status = 'firing'
    returning id, name, subject, department_id as "departmentId", severity, summary, fired_at as "firedAt"`;
  if (!closed) return [];
  const alert = { ...closed, departmentId: closed.departmentId ?? undefined };
  const data = { alert_id: closed.id, ...alertData(alert), fired_at: closed.firedAt.toISOString() };
  await emitEvent(tx, { type: "alert.resolved", departmentId: alert.departmentId, data });
  return [alertAudit("alert.resolve", closed.id, alert)];
}
