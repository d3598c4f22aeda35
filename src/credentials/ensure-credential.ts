import type { Tx } from "../db/tx.ts";

/** The department's living Google credential; made, waiting for consent, when there is none. */
export async function ensureCredential(
  tx: Tx,
  departmentId: string,
  { clientRow, scopes }: { clientRow: string | undefined; scopes: readonly string[] },
): Promise<string> {
  const [credential] = await tx<{ id: string }[]>`
    insert into federation.credential as c (id, department_id, service, oauth_client_id, status, scopes_wanted)
    values (${Bun.randomUUIDv7()}, ${departmentId}, 'google', ${clientRow ?? null}, 'pending_consent', ${[...scopes]})
    on conflict (department_id, service) where status <> 'revoked' do update set
      oauth_client_id = coalesce(c.oauth_client_id, excluded.oauth_client_id), scopes_wanted = excluded.scopes_wanted,
      updated_at = clock_timestamp()
    returning id`;
  return credential?.id ?? "";
}
