import type { AuditEvent } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import { emitEvent } from "../webhooks/emit.ts";
import { type Alert, alertAudit, alertData } from "./alert.ts";

/**
 * Opens an alert and tells everybody who listens, unless the same one is open already. Answers what the caller has to put
 * on record, as the last statement of its transaction; nothing when it was open.
 */
export async function raiseAlert(tx: Tx, alert: Alert): Promise<AuditEvent[]> {
  const id = Bun.randomUUIDv7();
  const { name, subject, departmentId, severity, summary } = alert;
  const opened = await tx`
    insert into federation.alert (id, name, subject, department_id, severity, summary, status)
    values (${id}, ${name}, ${subject}, ${departmentId ?? null}, ${severity}, ${summary}, 'firing')
    on conflict (name, subject) where status = 'firing' do nothing`;
  if (opened.count === 0) return [];
  await emitEvent(tx, { type: "alert.fired", departmentId, data: { alert_id: id, ...alertData(alert) } });
  return [alertAudit("alert.fire", id, alert)];
}
