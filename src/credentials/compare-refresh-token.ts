import type { Secret } from "../crypto/secret.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import type { CredentialRow } from "./credential-row.ts";
import { credentialPlace } from "./places.ts";

export interface StoredRefreshToken {
  /** The text to guard an update with: a key rotation may seal the same token anew. */
  sealed: string;
  isSame: boolean;
  status: CredentialRow["status"];
  version: number;
}

/** Whether the credential still holds this refresh token; undefined when it holds none. */
export async function compareRefreshToken(
  { sql, vault }: { sql: Sql; vault: Vault },
  { id, departmentId }: { id: string; departmentId: string },
  token: Secret<string>,
): Promise<StoredRefreshToken | undefined> {
  const [row] = await sql<{ sealed: string | null; status: CredentialRow["status"]; version: number }[]>`
    select refresh_sealed as sealed, status, version from federation.credential where id = ${id}`;
  if (!row || row.sealed === null) return undefined;
  const text = await vault.open(credentialPlace(departmentId, id, "refresh_sealed"), row.sealed);
  return { ...row, sealed: row.sealed, isSame: text === token.reveal() };
}
