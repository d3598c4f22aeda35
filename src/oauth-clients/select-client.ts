import type { Sql, Tx } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import type { OAuthClientView } from "./oauth-client.ts";

/** What a client shows of itself; for queries of their own. */
export const clientColumns = (sql: Sql | Tx) => sql`
  c.id, c.client_id, c.project, c.origin, c.status, c.department_id, to_json(c.leased_at)#>>'{}' as leased_at,
  to_json(c.cooling_until)#>>'{}' as cooling_until, to_json(c.last_used_at)#>>'{}' as last_used_at,
  to_json(c.created_at)#>>'{}' as created_at`;

/** One client as it is shown. Throws 404. */
export async function selectClient(tx: Sql | Tx, id: string): Promise<OAuthClientView> {
  const [view] = await tx<OAuthClientView[]>`
    select ${clientColumns(tx)} from federation.oauth_client c where c.id = ${id}`;
  if (!view) throw notFound();
  return view;
}
