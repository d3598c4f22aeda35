import type { Tx } from "../db/tx.ts";

/**
 * Ends every key of the department and of its people, and forgets the secrets kept for its host; the people stay.
 * Tokens and sessions end with their keys. Answers the ids of the keys.
 */
export async function revokeCredentials(tx: Tx, departmentId: string): Promise<string[]> {
  const revoked = await tx<{ key_id: string }[]>`
    update federation.api_client set status = 'revoked', revoked_at = clock_timestamp()
    where status <> 'revoked' and (department_id = ${departmentId}
      or member_id in (select m.id from federation.member m where m.department_id = ${departmentId}))
    returning key_id`;
  await tx`delete from federation.department_secret where department_id = ${departmentId}`;
  await tx`update federation.resource set deleted_at = clock_timestamp()
    where department_id = ${departmentId} and provider = 'federation' and kind = 'api_client' and deleted_at is null`;
  return revoked.map((row) => row.key_id);
}
