import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict, forbidden, notFound } from "../errors.ts";
import { auditActor } from "./audit-actor.ts";
import { mayAdd, type Role } from "./scopes.ts";

/**
 * Ends a person's access: no key of theirs counts any more, within a second everywhere. Doing it again changes nothing.
 * Throws the same 404 for a missing member and one out of reach, 403 for a role the caller may not give, 409
 * `last_admin`.
 */
export async function disableMember(ctx: Ctx, id: string): Promise<void> {
  await withTx(ctx.db.app, async (tx) => {
    const member = await lockMember(ctx, tx, id);
    if (member.disabled) return;
    if (member.role === "admin") await keepOneAdmin(tx, id);
    await tx`update federation.member set disabled_at = clock_timestamp() where id = ${id} and disabled_at is null`;
    const keys = await tx`
      update federation.api_client set status = 'revoked', revoked_at = clock_timestamp()
      where member_id = ${id} and status <> 'revoked'`;
    const event = { ...auditActor(ctx), stream: member.department ?? PLATFORM_STREAM, target: id };
    const meta = { role: member.role, keys: keys.count };
    await appendAudit(tx, [{ ...event, action: "member.disable", decision: "done", meta }]);
  });
}

interface LockedMember {
  role: Role;
  department: string | null;
  disabled: boolean;
}

/** All admins are locked in one order, so that two who disable each other at once do not both succeed. */
async function lockMember({ caller }: Ctx, tx: Tx, id: string): Promise<LockedMember> {
  await tx`select from federation.member where id = ${id} or role = 'admin' order by id for no key update`;
  const [member] = await tx<LockedMember[]>`
    select role, department_id as department, disabled_at is not null as disabled
    from federation.member where id = ${id}`;
  if (!member || (caller.departmentId !== undefined && caller.departmentId !== member.department))
    throw notFound();
  if (!caller.role || !mayAdd[caller.role].includes(member.role))
    throw forbidden("role_not_yours", "You may not end a member of this role.");
  return member;
}

async function keepOneAdmin(tx: Tx, id: string): Promise<void> {
  const [other] = await tx`
    select from federation.member where role = 'admin' and disabled_at is null and id <> ${id} limit 1`;
  if (!other) throw conflict("last_admin", "This is the last admin; make another one first.");
}
