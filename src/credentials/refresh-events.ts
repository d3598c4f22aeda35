import type { AuditEvent } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import { emitEvent } from "../webhooks/emit.ts";
import type { CredentialRow } from "./credential-row.ts";

type Named = Pick<CredentialRow, "id" | "departmentId" | "service">;

/** What the audit says of a refresh: the system did it, whoever waited for it. */
export const refreshEvent = (credential: Named, event: Pick<AuditEvent, "decision" | "reason" | "meta">) => ({
  stream: credential.departmentId,
  actor: "refresh",
  actorKind: "system" as const,
  action: "credential.refresh",
  target: credential.id,
  ...event,
  meta: { service: credential.service, ...event.meta },
});

/** Tells the operators that a credential needs somebody, or no longer does. */
export function announce(tx: Tx, credential: Named, what: "broken" | "recovered", reason?: string) {
  return emitEvent(tx, {
    type: `credential.${what}`,
    departmentId: credential.departmentId,
    data: {
      credential: credential.id,
      service: credential.service,
      ...(reason !== undefined && { reason }),
    },
  });
}
