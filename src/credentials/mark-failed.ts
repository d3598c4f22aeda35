import { appendAudit } from "../audit/append.ts";
import { type Sql, withTx } from "../db/tx.ts";
import type { OAuthError } from "../providers/google/oauth-error.ts";
import type { Held } from "./hold-refresh.ts";
import { announce, refreshEvent } from "./refresh-events.ts";
import { pauseAfter } from "./refresh-times.ts";

/**
 * Gives a failed refresh back: the token there is stays in use, and the provider is left alone for a while. Announced
 * once, when it will not pass by itself. Changes nothing when the refresh is no longer ours.
 */
export async function markFailed(
  sql: Sql,
  held: Held,
  kind: "transient" | "client_broken" | "refused",
  { reason, retryAfterSeconds }: Pick<OAuthError, "reason" | "retryAfterSeconds">,
): Promise<void> {
  const failures = held.failures + 1;
  const pause = pauseAfter(kind, failures, { chance: Math.random(), retryAfterSeconds });
  await withTx(sql, async (tx) => {
    const stored = await tx`
      update federation.credential set status = 'active', refresh_until = null, failures = ${failures},
        failure_code = coalesce(failure_code, ${pause.isAnnounced ? reason : null}),
        next_refresh_at = clock_timestamp() + make_interval(secs => ${pause.seconds}), updated_at = clock_timestamp()
      where id = ${held.id} and status = 'refreshing' and version = ${held.version}`;
    if (stored.count === 0) return;
    if (pause.isAnnounced && held.failureCode === null) await announce(tx, held, "broken", reason);
    const meta = { class: kind, failures, pause_seconds: Math.round(pause.seconds) };
    await appendAudit(tx, [refreshEvent(held, { decision: "failed", reason, meta })]);
  });
}
