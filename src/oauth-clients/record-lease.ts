import type { Tx } from "../db/tx.ts";

/** Notes the leased client among what exists because of the department. */
export async function recordLease(
  tx: Tx,
  departmentId: string,
  clientId: string,
  createdBy: string,
): Promise<void> {
  await tx`
    insert into federation.resource as r (id, department_id, provider, kind, external_id, name, created_by_step)
    values (${Bun.randomUUIDv7()}, ${departmentId}, 'google', 'oauth_client', ${clientId}, 'Google', ${createdBy})
    on conflict (department_id, provider, kind, external_id) do update
      set deleted_at = null, verified_absent_at = null, orphaned_at = null, orphan_reason = null`;
}
