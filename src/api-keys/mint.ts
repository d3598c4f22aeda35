import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { conflict, forbidden, notFound } from "../errors.ts";
import { completeSecret } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { departmentScopes, mayAdd, type Role, roleScopes } from "../members/scopes.ts";
import type { ApiKeyInput, ApiKeyView } from "./api-key-view.ts";
import { insertKey, type KeyOwner } from "./insert-key.ts";

interface Owner extends KeyOwner {
  /** Whose audit stream it concerns; undefined = the platform's. */
  stream: string | undefined;
  most: readonly string[];
}

/**
 * Mints a key for the caller, another member or a department; its text is in this answer and nowhere else. Throws 403
 * `scope_not_yours` for a scope the caller does not hold or the owner may not have, 404 for an owner out of reach.
 */
export async function mintApiKeyFor(ctx: Ctx, input: ApiKeyInput): Promise<ApiKeyView & { key: string }> {
  return withTx(ctx.db.app, async (tx) => {
    const owner = await ownerOf(ctx, tx, input);
    const scopes = [...new Set<string>(input.scopes)];
    if (!scopes.every((scope) => ctx.caller.scopes.has(scope) && owner.most.includes(scope))) {
      throw forbidden("scope_not_yours", "A key may hold only scopes that you and its owner may have.");
    }
    const request = { name: input.name, scopes, expiresInDays: input.expires_in_days };
    const { view, text } = await insertKey(tx, ctx.config.environment, owner, request);
    await completeSecret(tx, ctx);
    const meta = { key: view.key_id, scopes: scopes.join(" "), expires_at: view.expires_at };
    const event = {
      ...auditActor(ctx),
      stream: owner.stream ?? PLATFORM_STREAM,
      action: "key.create",
      target: view.id,
    };
    await appendAudit(tx, [{ ...event, decision: "done", meta }]);
    return { ...view, key: text.reveal() };
  });
}

async function ownerOf(ctx: Ctx, tx: Tx, input: ApiKeyInput): Promise<Owner> {
  if (input.department_id !== undefined) return departmentOwner(ctx, tx, input.department_id);
  if (input.member_id !== undefined) return memberOwner(ctx, tx, input.member_id);
  if (ctx.caller.kind !== "member") throw forbidden("not_a_member", "Only a person has keys of their own.");
  return memberOwner(ctx, tx, ctx.caller.id);
}

async function departmentOwner(ctx: Ctx, tx: Tx, idOrSlug: string): Promise<Owner> {
  const department = await resolveDepartment(ctx, idOrSlug, tx);
  if (department.status !== "active" && department.status !== "degraded") {
    throw conflict("department_not_ready", "The department is not active.");
  }
  return { memberId: undefined, departmentId: department.id, stream: department.id, most: departmentScopes };
}

async function memberOwner(ctx: Ctx, tx: Tx, id: string): Promise<Owner> {
  const [member] = await tx<{ role: Role; department: string | null }[]>`
    select role, department_id as department from federation.member where id = ${id} and disabled_at is null for share`;
  const { caller } = ctx;
  const own = caller.departmentId === undefined || caller.departmentId === member?.department;
  if (!member || !own) throw notFound();
  if (id !== caller.id && !(caller.role && mayAdd[caller.role].includes(member.role))) throw notFound();
  return {
    memberId: id,
    departmentId: undefined,
    stream: member.department ?? undefined,
    most: roleScopes[member.role],
  };
}
