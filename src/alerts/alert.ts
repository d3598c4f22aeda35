import { type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { JsonObject } from "../json.ts";

export interface Alert {
  /** What is wrong: `agent_down`. */
  name: string;
  /** With whom: a department's id, a budget's name, or "" for the platform. */
  subject: string;
  departmentId?: string | undefined;
  severity: "warning" | "critical";
  /** One sentence that an operator reads at night: what, since when, what to do. At most 500 characters. */
  summary: string;
}

/** What receivers of webhooks are told. */
export const alertData = ({ name, subject, severity, summary }: Alert): JsonObject => ({
  name,
  subject,
  severity,
  summary,
});

export const alertAudit = (
  action: "alert.fire" | "alert.resolve",
  id: string,
  { name, subject, departmentId, severity }: Alert,
): AuditEvent => ({
  stream: departmentId ?? PLATFORM_STREAM,
  actor: "alerts",
  actorKind: "system",
  action,
  target: id,
  decision: "done",
  meta: { name, subject, severity },
});
