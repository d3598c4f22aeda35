import { appendAudit } from "../audit/append.ts";
import type { Sql } from "../db/tx.ts";
import { withTx } from "../db/tx.ts";
import type { Vault } from "../crypto/vault.ts";
import type { RefreshedTokens } from "../providers/google/oauth-provider.ts";
import type { Held } from "./hold-refresh.ts";
import { credentialPlace } from "./places.ts";
import { announce, refreshEvent } from "./refresh-events.ts";
import { dueBeforeEnd } from "./refresh-times.ts";

/**
 * Stores what the provider gave, if the refresh is still ours. Answers false when it is not: then nothing has changed.
 * `tookSeconds`: since the call began, taken off the token's life.
 */
export async function markRefreshed(
  { sql, vault }: { sql: Sql; vault: Vault },
  held: Held,
  tokens: RefreshedTokens,
  tookSeconds: number,
): Promise<boolean> {
  const place = (column: "access_sealed" | "refresh_sealed") =>
    credentialPlace(held.departmentId, held.id, column);
  const access = await vault.seal(place("access_sealed"), tokens.accessToken.reveal());
  const rotated =
    tokens.refreshToken && (await vault.seal(place("refresh_sealed"), tokens.refreshToken.reveal()));
  const life = Math.max(0, tokens.expiresInSeconds - tookSeconds);
  return withTx(sql, async (tx) => {
    const stored = await tx`
      update federation.credential set status = 'active', refresh_until = null, failures = 0, failure_code = null,
        access_sealed = ${access}, access_expires_at = clock_timestamp() + make_interval(secs => ${life}),
        refresh_sealed = coalesce(${rotated ?? null}, refresh_sealed),
        scopes_granted = coalesce(${tokens.scopes ?? null}::text[], scopes_granted),
        next_refresh_at = clock_timestamp() + make_interval(secs => ${life - dueBeforeEnd(held.id, life)}),
        updated_at = clock_timestamp()
      where id = ${held.id} and status = 'refreshing' and version = ${held.version}`;
    if (stored.count === 0) return false;
    await tx`update federation.oauth_client set last_used_at = clock_timestamp() where id = ${held.clientRow}`;
    if (held.failureCode !== null) await announce(tx, held, "recovered");
    const meta = { expires_in: tokens.expiresInSeconds, rotated: rotated !== undefined };
    await appendAudit(tx, [refreshEvent(held, { decision: "done", meta })]);
    return true;
  });
}
