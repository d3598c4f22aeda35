import type { Config } from "../config.ts";
import { mintApiKey } from "../crypto/api-key.ts";
import type { Secret } from "../crypto/secret.ts";
import type { Tx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { ApiKeyView } from "./api-key-view.ts";

export interface KeyOwner {
  memberId: string | undefined;
  departmentId: string | undefined;
}

/** Mints a key and stores its hash; the text of it exists in the answer only. The caller records it. */
export async function insertKey(
  tx: Tx,
  environment: Config["environment"],
  owner: KeyOwner,
  request: { name: string; scopes: string[]; expiresInDays: number },
): Promise<{ view: ApiKeyView; text: Secret<string> }> {
  const key = mintApiKey(environment);
  const [view] = await tx<ApiKeyView[]>`
    insert into federation.api_client (id, key_id, name, member_id, department_id, secret_hash, scopes, status, expires_at)
    values (${Bun.randomUUIDv7()}, ${key.id}, ${request.name}, ${owner.memberId ?? null}, ${owner.departmentId ?? null},
      ${key.secretHash}, ${request.scopes}, 'active', clock_timestamp() + make_interval(days => ${request.expiresInDays}))
    returning id, key_id, name, member_id, department_id as department, scopes, status,
      to_json(created_at)#>>'{}' as created_at, to_json(expires_at)#>>'{}' as expires_at, null as last_used_at,
      null as revoked_at`;
  if (!view) throw new FederationError("internal", "The key was not stored.");
  return { view, text: key.text };
}
