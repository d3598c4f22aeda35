import type { Tx } from "../db/tx.ts";

export interface InstanceLease {
  id: string;
  baseUrl: string;
  isNew: boolean;
}

/** The department's n8n instance: the one it has, or the oldest free one of the pool, if there is one. */
export async function leaseInstance(tx: Tx, departmentId: string): Promise<InstanceLease | undefined> {
  // Two at a time would each take one.
  await tx`select from federation.department where id = ${departmentId} for no key update`;
  const [held] = await tx<InstanceLease[]>`
    select id, base_url as "baseUrl", false as "isNew" from federation.n8n_instance where department_id = ${departmentId}`;
  if (held) return held;
  const [leased] = await tx<InstanceLease[]>`
    update federation.n8n_instance set status = 'leased', department_id = ${departmentId}, leased_at = clock_timestamp()
    where id = (
      select i.id from federation.n8n_instance i where i.status = 'free' order by i.created_at, i.id
      limit 1 for update skip locked)
    returning id, base_url as "baseUrl", true as "isNew"`;
  return leased;
}
