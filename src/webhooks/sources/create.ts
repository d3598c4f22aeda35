import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { type Tx, withTx } from "../../db/tx.ts";
import { resolveDepartment } from "../../departments/resolve.ts";
import { conflict, forbidden, unprocessable } from "../../errors.ts";
import { completeSecret } from "../../idempotency/request.ts";
import { departmentScopes } from "../../members/scopes.ts";
import { inboundRights } from "../inbound/inbound-event.ts";
import { prepareSecret, storeSecret } from "../secrets.ts";
import { webhookEvent } from "../webhook-event.ts";
import { readSourceView, type SourceInput, type SourceView } from "./source.ts";

/**
 * Lets somebody send signed events: for a department, or for the caller, whose rights of the moment then count. The
 * secret is in this answer and nowhere else. Throws 403 `scope_not_yours` for events that the caller may not cause
 * themselves, 422 `events_of_another_owner`, 404 for a department out of reach and 409 `department_not_ready`.
 */
export async function createSource(ctx: Ctx, input: SourceInput): Promise<SourceView & { secret: string }> {
  const secret = await prepareSecret(ctx.vault);
  const id = Bun.randomUUIDv7();
  return withTx(ctx.db.app, async (tx) => {
    const owner = await ownerOf(ctx, tx, input);
    checkEvents(ctx, input, owner.department);
    await tx`
      insert into federation.webhook_source (id, name, member_id, department_id, events, created_by)
      values (${id}, ${input.name}, ${owner.member ?? null}, ${owner.department ?? null}, ${input.events}, ${ctx.caller.id})`;
    await storeSecret(tx, { sourceId: id }, secret);
    const view = await readSourceView(ctx, tx, id);
    await completeSecret(tx, ctx);
    const row = { id, department: owner.department };
    await appendAudit(tx, [
      webhookEvent(ctx, row, "webhook_source.create", { events: input.events.join(" ") }),
    ]);
    return { ...view, secret: secret.text.reveal() };
  });
}

interface Owner {
  department?: string;
  member?: string;
}

async function ownerOf(ctx: Ctx, tx: Tx, input: SourceInput): Promise<Owner> {
  const wanted = input.department_id ?? ctx.caller.departmentId;
  if (wanted === undefined) {
    if (ctx.caller.kind !== "member")
      throw forbidden("not_a_member", "Only a person can be who a source speaks for.");
    return { member: ctx.caller.id };
  }
  const { id } = await resolveDepartment(ctx, wanted, tx);
  // Locked against a lockdown that comes now: it waits, and then ends this source, too.
  const [department] = await tx`
    select from federation.department where id = ${id} and status in ('active', 'degraded') for share`;
  if (!department) throw conflict("department_not_ready", "The department is not active.");
  return { department: id };
}

function checkEvents(ctx: Ctx, { events }: SourceInput, department: string | undefined): void {
  const owner = department === undefined ? "platform" : "department";
  if (!events.every((event) => inboundRights[event].callers === owner)) {
    const message = `of these are not a ${owner}'s`;
    throw unprocessable("events_of_another_owner", `Some ${message}.`, [{ path: "events", message }]);
  }
  const scopes = events.map((event) => inboundRights[event].scope);
  const isAllowed = scopes.every(
    (scope) => ctx.caller.scopes.has(scope) && (!department || departmentScopes.includes(scope)),
  );
  if (!isAllowed) throw forbidden("scope_not_yours", "A source may cause only what you may cause yourself.");
}
