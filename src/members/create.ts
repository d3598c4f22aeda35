import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { conflict, forbidden } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "./audit-actor.ts";
import type { MemberInput, MemberView } from "./member.ts";
import { mayAdd } from "./scopes.ts";

/**
 * Adds a person. Throws 403 for a role the caller may not give, 404 for a department that is not there or not theirs,
 * 409 `member_exists` for a used address.
 */
export async function createMember(ctx: Ctx, input: MemberInput): Promise<MemberView> {
  const { role } = ctx.caller;
  if (!role || !mayAdd[role].includes(input.role))
    throw forbidden("role_not_yours", "You may not give this role.");
  return withTx(ctx.db.app, async (tx) => {
    const department =
      input.department_id === undefined ? undefined : await resolveDepartment(ctx, input.department_id, tx);
    if (department?.status === "deprovisioned")
      throw conflict("already_deprovisioned", "The department is gone.");
    const member = await insertMember(tx, input, department?.id);
    const view = { ...member, department_id: department?.slug ?? null };
    await completeIdempotency(tx, ctx, 201, view);
    const stream = department?.id ?? PLATFORM_STREAM;
    const meta = { role: input.role };
    const event = {
      ...auditActor(ctx),
      stream,
      action: "member.create",
      target: member.id,
      decision: "done" as const,
      meta,
    };
    await appendAudit(tx, [event]);
    return view;
  });
}

type MemberRow = Omit<MemberView, "department_id">;

async function insertMember(
  tx: Tx,
  input: MemberInput,
  departmentId: string | undefined,
): Promise<MemberRow> {
  const [member] = await tx<MemberRow[]>`
    insert into federation.member (id, email, role, department_id)
    values (${Bun.randomUUIDv7()}, ${input.email}, ${input.role}, ${departmentId ?? null})
    on conflict (email) where disabled_at is null do nothing
    returning id, email, role, to_json(created_at)#>>'{}' as created_at, null as disabled_at`;
  if (!member) throw conflict("member_exists", "There is already a member with this address.");
  return member;
}
