import { unavailable } from "../errors.ts";
import type { Sql, Tx } from "../db/tx.ts";

/** The stream of events that concern no department. */
export const PLATFORM_STREAM = "00000000-0000-0000-0000-000000000000";

export interface AuditEvent {
  /** Department id or PLATFORM_STREAM. */
  stream: string;
  actor: string;
  actorKind: "member" | "client" | "system";
  /** `department.provision`: lower case, at least two parts. */
  action: string;
  target?: string | undefined;
  decision: "allowed" | "denied" | "limited" | "done" | "failed";
  reason?: string | undefined;
  /** A uuid. */
  requestId?: string | undefined;
  meta?: Record<string, string | number | boolean | null> | undefined;
}

/**
 * Appends all events of a transaction, in one call as its last statement: the heads stay locked until it ends.
 * Throws `audit_unavailable` (503): what cannot be recorded must not happen.
 */
export async function appendAudit(tx: Tx, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  try {
    await tx`select audit.append(${auditJson(tx, events)})`;
  } catch (cause) {
    throw unavailable("audit_unavailable", "The audit trail cannot be written, so nothing was done.", cause);
  }
}

/** The argument of `audit.append` for statements that record their own effect. */
export function auditJson(sql: Sql | Tx, events: readonly AuditEvent[]) {
  return sql.json(
    events.map(({ actorKind, requestId, meta, ...event }) => ({
      ...event,
      actor_kind: actorKind,
      request_id: requestId,
      meta: JSON.stringify(meta ?? {}),
    })),
  );
}
