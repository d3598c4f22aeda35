import { type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { Grant } from "./grant-row.ts";

type Concerned = Pick<
  Grant,
  "id" | "source" | "sourceSlug" | "target" | "targetTyped" | "targetSlug" | "permission" | "resource"
>;

/**
 * One event in the streams of both departments. A name that nobody bears has the platform's in place of the target's:
 * its record costs the same.
 */
export function grantEvents(
  grant: Concerned,
  event: Pick<AuditEvent, "actor" | "actorKind" | "requestId" | "action" | "decision" | "reason" | "meta">,
): AuditEvent[] {
  const { id, permission, resource } = grant;
  const common = { ...event, target: id };
  const meta = { ...event.meta, permission, resource };
  const typed = grant.targetTyped ?? grant.targetSlug;
  return [
    { ...common, stream: grant.source, meta: { ...meta, target: typed } },
    { ...common, stream: grant.target ?? PLATFORM_STREAM, meta: { ...meta, source: grant.sourceSlug } },
  ];
}
