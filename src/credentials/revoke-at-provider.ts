import { Secret } from "../crypto/secret.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { OAuthError } from "../providers/google/oauth-error.ts";
import type { OAuthProvider } from "../providers/google/oauth-provider.ts";
import { credentialPlace } from "./places.ts";

interface Held {
  id: string;
  refresh: string | null;
  siblings: number;
}

export type Revocation = "revoked" | "kept_for_others" | "nothing_to_revoke" | "refused";

/**
 * Ends the department's grant at the provider, unless another department holds one of the same account in the same
 * Cloud project: Google would end that too, so then only our copy goes. Safe to repeat. Throws OAuthError `transient`.
 */
export async function revokeAtProvider(
  means: { sql: Sql; vault: Vault; oauth: OAuthProvider },
  departmentId: string,
  signal?: AbortSignal,
): Promise<Revocation> {
  const { sql, vault, oauth } = means;
  const [held] = await sql<Held[]>`
    select c.id, c.refresh_sealed as refresh, (
      select count(*)::int from federation.credential o join federation.oauth_client oc on oc.id = o.oauth_client_id
      where o.subject = c.subject and oc.project = k.project and o.id <> c.id and o.status <> 'revoked'
    ) as siblings
    from federation.credential c left join federation.oauth_client k on k.id = c.oauth_client_id
    where c.department_id = ${departmentId} and c.service = 'google' and c.status <> 'revoked'`;
  if (!held?.refresh) return "nothing_to_revoke";
  if (held.siblings > 0) return "kept_for_others";
  const token = await vault.open(credentialPlace(departmentId, held.id, "refresh_sealed"), held.refresh);
  try {
    await oauth.revoke({ token: new Secret(token), signal });
  } catch (error) {
    if (!(error instanceof OAuthError) || error.kind === "transient") throw error;
    return "refused";
  }
  return "revoked";
}
