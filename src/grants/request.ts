import { appendAudit, type AuditEvent } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { type Department, resolveDepartment } from "../departments/resolve.ts";
import { conflict, forbidden, unprocessable } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { isUuid } from "../uuid.ts";
import { emitEvent } from "../webhooks/emit.ts";
import type { GrantInput, GrantView } from "./grant.ts";
import { grantEvents } from "./grant-events.ts";
import { type Grant, selectGrant, viewGrant } from "./grant-row.ts";
import { lapseRequests } from "./lapse.ts";

/**
 * Asks a department's admin for a grant. A request that is open already is answered again; a name that nobody bears
 * gets the same answer in the same steps, and a request that nobody will ever see. Throws 403 for who is no person, 404
 * for a source not theirs, 409 `department_not_ready`, 422 `own_department`.
 */
export async function requestGrant(ctx: Ctx, input: GrantInput): Promise<GrantView> {
  if (ctx.caller.kind !== "member") throw forbidden("not_a_person", "Only a person asks for a grant.");
  return withTx(ctx.db.app, async (tx) => {
    const { source, target } = await findSides(ctx, tx, input);
    const events: AuditEvent[] = await lapseRequests(tx, ctx, { source: source.id });
    const { grant, isNew } = await openRequest(ctx, tx, source, target, input);
    if (isNew) {
      await notify(tx, grant);
      const meta = { expires_in_days: input.expires_in_days };
      const event = { ...auditActor(ctx), action: "grant.request", decision: "done" as const };
      events.push(...grantEvents(grant, { ...event, reason: input.reason, meta }));
    }
    const view = viewGrant(ctx, grant);
    await completeIdempotency(tx, ctx, 201, view);
    await appendAudit(tx, events);
    return view;
  });
}

interface Sides {
  source: Department;
  /** Null when nobody bears the name. */
  target: string | null;
}

/** Both departments, locked in the order of their ids before anything else is. */
async function findSides(ctx: Ctx, tx: Tx, input: GrantInput): Promise<Sides> {
  const name = input.target_department_id;
  const source = await resolveDepartment(ctx, sourceNameOf(ctx, input), tx);
  const found = await tx<{ id: string; status: string }[]>`
    select id, status from federation.department
    where id = ${source.id} or (status <> 'deprovisioned' and ${isUuid(name) ? tx`id = ${name}` : tx`slug = ${name}`})
    order by id for share`;
  const status = found.find(({ id }) => id === source.id)?.status;
  if (status !== "active" && status !== "degraded") {
    throw conflict("department_not_ready", "The department is not active.");
  }
  if (name === source.id || name === source.slug) {
    throw unprocessable("own_department", "A question to oneself needs no grant.");
  }
  return { source, target: found.find(({ id }) => id !== source.id)?.id ?? null };
}

function sourceNameOf(ctx: Ctx, input: GrantInput): string {
  const name = input.source_department_id ?? ctx.caller.departmentId;
  if (name !== undefined) return name;
  throw unprocessable("source_missing", "Name the department that asks.", [
    { path: "source_department_id", message: "is needed from who belongs to no department" },
  ]);
}

interface Opened {
  grant: Grant;
  isNew: boolean;
}

/** One open request per name as typed. Another spelling of a target that was asked already is nobody's, like a ghost. */
async function openRequest(
  ctx: Ctx,
  tx: Tx,
  source: Department,
  target: string | null,
  input: GrantInput,
): Promise<Opened> {
  const { permission, resource, reason, target_department_id: name, expires_in_days: days } = input;
  const id = Bun.randomUUIDv7();
  const inserted = await tx`
    insert into federation.access_grant (id, source, target, target_name, permission, resource, status, requested_by,
      reason, expires_in_days, expires_at)
    values (${id}, ${source.id}, ${target}, ${name}, ${permission}, ${resource}, 'requested', ${ctx.caller.id},
      ${reason}, ${days}, clock_timestamp() + make_interval(days => ${days}))
    on conflict do nothing`;
  const [grant] = await tx<Grant[]>`
    ${selectGrant(tx)} where g.source = ${source.id} and g.target_name = ${name} and g.permission = ${permission}
      and g.resource = ${resource} and g.status = 'requested'`;
  if (grant) return { grant, isNew: inserted.count > 0 };
  if (target === null) throw conflict("grant_changed", "The request was just answered; look at it again.");
  return openRequest(ctx, tx, source, null, input);
}

async function notify(tx: Tx, { id, target, sourceSlug, permission, resource }: Grant): Promise<void> {
  const data = { grant_id: id, source_department_id: sourceSlug, permission, resource };
  if (target) return emitEvent(tx, { type: "grant.requested", departmentId: target, data });
  // One round trip as well: how long an answer takes is not to tell who exists.
  await tx`select to_jsonb(${tx.json(data)}::jsonb)`;
}
