import type { Tx } from "../db/tx.ts";

export interface Lease {
  /** The row's id. */
  id: string;
  clientId: string;
  isNew: boolean;
}

/**
 * The department's client: the one it has, or a free one of the pool, if there is one. Clients of a Cloud project that
 * no other department uses come first, because a revocation at Google ends every grant of an account in a project.
 * After the commit, `tellWhenLow`.
 */
export async function leaseClient(tx: Tx, departmentId: string): Promise<Lease | undefined> {
  // Two at a time would each take one.
  await tx`select from federation.department where id = ${departmentId} for no key update`;
  const [held] = await tx<Lease[]>`
    select id, client_id as "clientId", false as "isNew" from federation.oauth_client where department_id = ${departmentId}`;
  if (held) return held;
  const [leased] = await tx<Lease[]>`
    update federation.oauth_client set status = 'leased', department_id = ${departmentId}, leased_at = clock_timestamp()
    where id = (
      select c.id from federation.oauth_client c where c.status = 'free'
      order by exists (select from federation.oauth_client o where o.project = c.project and o.status = 'leased'),
        c.created_at, c.id
      limit 1 for update skip locked)
    returning id, client_id as "clientId", true as "isNew"`;
  return leased;
}
