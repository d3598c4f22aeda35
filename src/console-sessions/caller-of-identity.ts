import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Caller, Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { type Role, roleScopes } from "../members/scopes.ts";

interface Member {
  id: string;
  role: Role;
  departmentId: string | null;
}

/**
 * The member behind an identity of the company's issuer: by its subject, or the first time by an address that the
 * issuer verified, which binds the two for good. Undefined for everybody else.
 */
export async function callerOfIdentity(
  ctx: Pick<Ctx, "db" | "requestId">,
  { subject, email }: { subject: string; email: string | undefined },
): Promise<Caller | undefined> {
  return withTx(ctx.db.app, async (tx) => {
    const [known] = await tx<Member[]>`
      select id, role, department_id as "departmentId" from federation.member
      where oidc_subject = ${subject} and disabled_at is null`;
    const member = known ?? (email === undefined ? undefined : await bind(ctx.requestId, tx, subject, email));
    return member && callerOf(member);
  });
}

async function bind(requestId: string, tx: Tx, subject: string, email: string): Promise<Member | undefined> {
  const [member] = await tx<Member[]>`
    update federation.member set oidc_subject = ${subject}
    where email = ${email.toLowerCase()} and oidc_subject is null and disabled_at is null
      and not exists (select from federation.member where oidc_subject = ${subject})
    returning id, role, department_id as "departmentId"`;
  if (!member) return undefined;
  const event = { actor: member.id, actorKind: "member" as const, action: "member.bind_identity", requestId };
  await appendAudit(tx, [{ ...event, stream: member.departmentId ?? PLATFORM_STREAM, decision: "done" }]);
  return member;
}

const callerOf = ({ id, role, departmentId }: Member): Caller => ({
  kind: "member",
  id,
  clientId: undefined,
  role,
  departmentId: departmentId ?? undefined,
  scopes: new Set(roleScopes[role]),
});
