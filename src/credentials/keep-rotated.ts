import { appendAudit } from "../audit/append.ts";
import type { Secret } from "../crypto/secret.ts";
import type { Vault } from "../crypto/vault.ts";
import { type Sql, withTx } from "../db/tx.ts";
import { compareRefreshToken } from "./compare-refresh-token.ts";
import type { Held } from "./hold-refresh.ts";
import { credentialPlace } from "./places.ts";
import { refreshEvent } from "./refresh-events.ts";

/**
 * For a holder that lost its refresh and comes back with a rotated refresh token: the provider may accept only this
 * one now, so it replaces the one it came of, as long as that is still what is stored. Whoever stored another one since
 * wins. A credential that was given up because of it is tried again.
 */
export async function keepRotated(
  { sql, vault }: { sql: Sql; vault: Vault },
  held: Held,
  { used, rotated }: { used: Secret<string>; rotated: Secret<string> },
): Promise<boolean> {
  const place = credentialPlace(held.departmentId, held.id, "refresh_sealed");
  for (;;) {
    const stored = await compareRefreshToken({ sql, vault }, held, used);
    if (!stored?.isSame) return false;
    const sealed = await vault.seal(place, rotated.reveal());
    const isKept = await withTx(sql, async (tx) => {
      const { count } = await tx`
        update federation.credential set refresh_sealed = ${sealed}, updated_at = clock_timestamp(),
          next_refresh_at = case status when 'needs_consent' then clock_timestamp() else next_refresh_at end,
          status = case status when 'needs_consent' then 'active' else status end
        where id = ${held.id} and refresh_sealed = ${stored.sealed}
          and status in ('active', 'refreshing', 'needs_consent')`;
      if (count > 0) {
        await appendAudit(tx, [refreshEvent(held, { decision: "done", reason: "late_rotated_token" })]);
      }
      return count > 0;
    });
    if (isKept) return true;
  }
}
