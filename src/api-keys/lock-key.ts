import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { forbidden, notFound } from "../errors.ts";
import { mayAdd, type Role } from "../members/scopes.ts";

export interface LockedKey {
  id: string;
  key_id: string;
  status: string;
  member: string | null;
  role: Role | null;
  department: string | null;
}

/**
 * The row of an API key that the caller may end, locked. Throws the same 404 for a missing key and one out of the
 * caller's reach, 403 `role_not_yours` for the key of a higher role.
 */
export async function lockKey(ctx: Ctx, tx: Tx, key: { id: string } | { keyId: string }): Promise<LockedKey> {
  const [found] = await tx<LockedKey[]>`
    select c.id, c.key_id, c.status, m.id as member, m.role, coalesce(c.department_id, m.department_id) as department
    from federation.api_client c left join federation.member m on m.id = c.member_id
    where ${"id" in key ? tx`c.id = ${key.id}` : tx`c.key_id = ${key.keyId}`} for update of c`;
  const { caller } = ctx;
  if (!found || (caller.departmentId !== undefined && caller.departmentId !== found.department))
    throw notFound();
  if (
    found.role &&
    found.member !== caller.id &&
    !(caller.role && mayAdd[caller.role].includes(found.role))
  ) {
    throw forbidden("role_not_yours", "You may not end a key of this role.");
  }
  return found;
}
