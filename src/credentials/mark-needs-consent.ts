import { appendAudit } from "../audit/append.ts";
import { Secret } from "../crypto/secret.ts";
import type { Vault } from "../crypto/vault.ts";
import { type Sql, withTx } from "../db/tx.ts";
import type { Held } from "./hold-refresh.ts";
import { compareRefreshToken } from "./compare-refresh-token.ts";
import { credentialPlace } from "./places.ts";
import { announce, refreshEvent } from "./refresh-events.ts";

/**
 * The provider does not know the refresh token any more: only a new consent helps, and nobody asks again with it. When
 * another token was stored meanwhile (a late holder's rotated one), that one has its turn instead. Changes nothing when
 * the refresh is no longer ours.
 */
export async function markNeedsConsent(
  { sql, vault }: { sql: Sql; vault: Vault },
  held: Held,
  reason: string,
): Promise<void> {
  const place = credentialPlace(held.departmentId, held.id, "refresh_sealed");
  const used = new Secret(await vault.open(place, held.refreshSealed));
  for (;;) {
    const stored = await compareRefreshToken({ sql, vault }, held, used);
    if (!stored || stored.version !== held.version || stored.status !== "refreshing") return;
    const count = stored.isSame
      ? await give(sql, held, stored.sealed, reason)
      : await passOn(sql, held, stored.sealed);
    if (count > 0) return;
  }
}

function give(sql: Sql, held: Held, sealed: string, reason: string): Promise<number> {
  return withTx(sql, async (tx) => {
    const { count } = await tx`
      update federation.credential set status = 'needs_consent', refresh_until = null, failure_code = ${reason},
        access_sealed = null, access_expires_at = null, next_refresh_at = null, updated_at = clock_timestamp()
      where id = ${held.id} and status = 'refreshing' and version = ${held.version} and refresh_sealed = ${sealed}`;
    if (count === 0) return 0;
    if (held.failureCode === null) await announce(tx, held, "broken", reason);
    await appendAudit(tx, [refreshEvent(held, { decision: "failed", reason, meta: { class: "reconsent" } })]);
    return count;
  });
}

async function passOn(sql: Sql, held: Held, sealed: string): Promise<number> {
  const { count } = await sql`
    update federation.credential set status = 'active', refresh_until = null, next_refresh_at = clock_timestamp(),
      updated_at = clock_timestamp()
    where id = ${held.id} and status = 'refreshing' and version = ${held.version} and refresh_sealed = ${sealed}`;
  return count;
}
