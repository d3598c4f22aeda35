import { appendAudit, PLATFORM_STREAM } from "../../audit/append.ts";
import { type Sql, type Tx, withTx } from "../../db/tx.ts";
import { failOpenDeliveries } from "../endpoints/fail-open-deliveries.ts";
import { secondsUntilRetry } from "../schedule.ts";
import type { ClaimedDelivery } from "./claim-deliveries.ts";

/**
 * How one attempt ended. `released`: the worker goes away, nothing is known. `isFinal`: it could not succeed another time,
 * such as a URL that is never called. `retryAfterSeconds`: the receiver asked to be left alone for so long.
 */
export type SendOutcome =
  | { kind: "delivered"; status: number }
  | { kind: "failed"; status: number | null; error: string; isFinal?: boolean; retryAfterSeconds?: number }
  | { kind: "released" };

/** An endpoint that only failed for this long is switched off. */
const failingDaysMax = 5;
const gone = 410;

/**
 * Stores an outcome and what follows from it: the next attempt, or the endpoint switched off (410, or five days of
 * failures) with what waits for it. Changes nothing when another worker has taken the delivery over.
 */
export async function storeOutcome(
  sql: Sql,
  delivery: ClaimedDelivery,
  outcome: SendOutcome,
  random: () => number = Math.random,
): Promise<"stored" | "lost"> {
  return withTx(sql, async (tx) => {
    // The endpoint before its deliveries, as everybody: who switches it off wants all of them.
    const [endpoint] = await tx<Endpoint[]>`
      select id, department_id as department, status, coalesce(failing_since < clock_timestamp() - make_interval(days => ${failingDaysMax}), false) as "isHopeless"
      from federation.webhook_endpoint where id = ${delivery.endpoint_id} for no key update`;
    if (!endpoint || !(await storeDelivery(tx, delivery, endpoint, outcome, random()))) return "lost";
    if (outcome.kind === "delivered") {
      await tx`update federation.webhook_endpoint set failing_since = null
        where id = ${endpoint.id} and failing_since is not null`;
    }
    if (outcome.kind === "failed") await noteFailure(tx, endpoint, outcome.status);
    return "stored";
  });
}

interface Endpoint {
  id: string;
  department: string | null;
  status: "active" | "off";
  isHopeless: boolean;
}

async function storeDelivery(
  tx: Tx,
  { id, fence, attempt }: ClaimedDelivery,
  endpoint: Endpoint,
  outcome: SendOutcome,
  random: number,
): Promise<boolean> {
  const held = tx`id = ${id} and fence = ${fence} and status = 'sending'`;
  if (outcome.kind === "released") {
    const released = await tx`update federation.webhook_delivery
      set status = 'waiting', attempt = attempt - 1, due_at = clock_timestamp() where ${held}`;
    return released.count > 0;
  }
  const mayRetry = outcome.kind === "failed" && !outcome.isFinal && endpoint.status === "active";
  const planned = mayRetry ? secondsUntilRetry(attempt, random) : undefined;
  const asked = outcome.kind === "failed" ? (outcome.retryAfterSeconds ?? 0) : 0;
  const retry = planned === undefined ? undefined : Math.max(planned, asked);
  const status = outcome.kind === "delivered" ? "delivered" : retry === undefined ? "failed" : "waiting";
  const stored = await tx`
    update federation.webhook_delivery set status = ${status}, last_status = ${outcome.status},
      last_error = ${outcome.kind === "failed" ? outcome.error : null},
      due_at = clock_timestamp() + make_interval(secs => ${retry ?? null}) where ${held}`;
  return stored.count > 0;
}

async function noteFailure(tx: Tx, endpoint: Endpoint, status: number | null): Promise<void> {
  const reason = status === gone ? "gone" : endpoint.isHopeless ? "failing" : undefined;
  if (endpoint.status === "off") return;
  if (reason === undefined) {
    await tx`update federation.webhook_endpoint set failing_since = clock_timestamp()
      where id = ${endpoint.id} and failing_since is null`;
    return;
  }
  await tx`update federation.webhook_endpoint set status = 'off', off_reason = ${reason}, updated_at = clock_timestamp()
    where id = ${endpoint.id}`;
  await failOpenDeliveries(tx, endpoint.id);
  const actor = { actor: "deliver-webhooks", actorKind: "system" as const };
  const event = { ...actor, stream: endpoint.department ?? PLATFORM_STREAM, target: endpoint.id, reason };
  await appendAudit(tx, [{ ...event, action: "webhook_endpoint.off", decision: "done" }]);
}
