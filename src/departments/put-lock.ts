import type { Tx } from "../db/tx.ts";
import { revokeCredentials } from "./revoke-credentials.ts";

export interface RevokedGrant {
  id: string;
  source: string;
  target: string | null;
}

export interface PutLock {
  status: string;
  /** As the database knows it, to the microsecond: names this lock. */
  lockedAt: string;
  /** Ids of the keys that ended with it. */
  keys: string[];
  grants: RevokedGrant[];
}

/**
 * Locks a department whose row the caller holds: nothing of it answers any more, its keys, the secrets kept for its
 * host, consents under way and all grants in both directions are gone for good. One that is being destroyed goes on being destroyed.
 */
export async function putLock(
  tx: Tx,
  departmentId: string,
  { by, reason }: { by: string; reason: string },
): Promise<PutLock> {
  const [lock] = await tx<{ status: string; lockedAt: string }[]>`
    update federation.department set locked_at = clock_timestamp(), locked_by = ${by}, lock_reason = ${reason},
      status = case when status = 'deprovisioning' then status else 'suspended' end, updated_at = clock_timestamp()
    where id = ${departmentId} returning status, to_json(locked_at)#>>'{}' as "lockedAt"`;
  const keys = await revokeCredentials(tx, departmentId);
  await tx`delete from federation.oauth_consent where department_id = ${departmentId}`;
  const grants = await tx<RevokedGrant[]>`
    update federation.access_grant set status = 'revoked', ended_by = ${by}, ended_at = clock_timestamp(),
      ended_reason = ${`lockdown: ${reason}`}
    where status in ('requested', 'approved') and (source = ${departmentId} or target = ${departmentId})
    returning id, source, target`;
  return { status: lock?.status ?? "", lockedAt: lock?.lockedAt ?? "", keys, grants: [...grants] };
}
