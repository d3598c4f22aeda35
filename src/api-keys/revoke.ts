import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { forbidden, notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { mayAdd, type Role } from "../members/scopes.ts";

/**
 * Ends a key at once; every process knows within a second. Revoking it again changes nothing. Throws the same 404 for
 * a missing key and one out of the caller's reach, 403 for the key of a higher role.
 */
export async function revokeApiKey(ctx: Ctx, id: string): Promise<void> {
  await withTx(ctx.db.app, async (tx) => {
    const key = await lockKey(ctx, tx, id);
    if (key.status === "revoked") return;
    await tx`
      update federation.api_client set status = 'revoked', revoked_at = clock_timestamp()
      where id = ${id} and status <> 'revoked'`;
    const event = {
      ...auditActor(ctx),
      stream: key.department ?? PLATFORM_STREAM,
      action: "key.revoke",
      target: id,
    };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { key: key.key_id } }]);
  });
}

interface LockedKey {
  key_id: string;
  status: string;
  member: string | null;
  role: Role | null;
  department: string | null;
}

async function lockKey(ctx: Ctx, tx: Tx, id: string): Promise<LockedKey> {
  const [key] = await tx<LockedKey[]>`
    select c.key_id, c.status, m.id as member, m.role, coalesce(c.department_id, m.department_id) as department
    from federation.api_client c left join federation.member m on m.id = c.member_id
    where c.id = ${id} for update of c`;
  const { caller } = ctx;
  if (!key || (caller.departmentId !== undefined && caller.departmentId !== key.department)) throw notFound();
  if (key.role && key.member !== caller.id && !(caller.role && mayAdd[caller.role].includes(key.role))) {
    throw forbidden("role_not_yours", "You may not end a key of this role.");
  }
  return key;
}
