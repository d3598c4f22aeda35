import type { Sql } from "../db/tx.ts";

/** A credential as the refresh sees it; what is left is in seconds by the database's clock. */
export interface CredentialRow {
  id: string;
  departmentId: string;
  service: string;
  status: "pending_consent" | "active" | "refreshing" | "needs_consent" | "revoked";
  version: number;
  accessSealed: string | null;
  refreshSealed: string | null;
  scopesWanted: string[];
  scopesGranted: string[];
  failures: number;
  /** Set once the failure was announced. */
  failureCode: string | null;
  accessLeft: number | null;
  /** Until the holder of the refresh has lost it. */
  holdLeft: number | null;
  /** Until the next refresh is due; after a failure, until it is allowed. */
  nextLeft: number | null;
  clientRow: string | null;
  clientId: string | null;
  clientSecretSealed: string | null;
}

/** One credential with its client; undefined when there is none. */
export async function readCredential(sql: Sql, id: string): Promise<CredentialRow | undefined> {
  const left = (column: string) => sql`extract(epoch from c.${sql(column)} - clock_timestamp())::float8`;
  const [row] = await sql<CredentialRow[]>`
    select c.id, c.department_id as "departmentId", c.service, c.status,
      c.version, c.access_sealed as "accessSealed", c.refresh_sealed as "refreshSealed",
      c.scopes_wanted as "scopesWanted", c.scopes_granted as "scopesGranted", c.failures,
      c.failure_code as "failureCode", ${left("access_expires_at")} as "accessLeft",
      ${left("refresh_until")} as "holdLeft", extract(epoch from
        coalesce(c.next_refresh_at, c.access_expires_at - interval '10 minutes') - clock_timestamp())::float8 as "nextLeft",
      k.id as "clientRow", k.client_id as "clientId", k.secret_sealed as "clientSecretSealed"
    from federation.credential c left join federation.oauth_client k on k.id = c.oauth_client_id
    where c.id = ${id}`;
  return row;
}
