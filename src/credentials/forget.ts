import type { Tx } from "../db/tx.ts";
import { returnClient } from "../oauth-clients/return-client.ts";

export interface Forgotten {
  credential: string | undefined;
  client: string | undefined;
}

/** Destroys our copy of the department's Google tokens, ends open consents and gives its client back. Twice is once. */
export async function forgetCredential(tx: Tx, departmentId: string): Promise<Forgotten> {
  const [credential] = await tx<{ id: string; used: boolean }[]>`
    update federation.credential set status = 'revoked', refresh_sealed = null, access_sealed = null,
      account_sealed = null, subject = null, access_expires_at = null, refresh_until = null, next_refresh_at = null,
      version = version + 1, updated_at = clock_timestamp()
    where department_id = ${departmentId} and service = 'google' and status <> 'revoked'
    returning id, consented_at is not null as used`;
  await tx`delete from federation.oauth_consent where department_id = ${departmentId}`;
  const client = await returnClient(tx, departmentId, credential?.used ?? true);
  return { credential: credential?.id, client };
}
