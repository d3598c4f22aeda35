import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { conflict, FederationError } from "../errors.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { rotationColumns, type RotationView } from "./rotation.ts";

export interface NewRotation {
  kind: RotationView["kind"];
  departmentId?: string | undefined;
  fromId?: string | undefined;
  toId?: string | undefined;
  total: number;
  /** Until then there is nothing to do. */
  waitSeconds?: number;
}

/** Writes a rotation, wakes a worker and puts it on record, in the caller's transaction. Throws 409 while one runs. */
export async function startRotation(ctx: Ctx, tx: Tx, rotation: NewRotation): Promise<RotationView> {
  const { kind, departmentId, fromId, toId, total, waitSeconds = 0 } = rotation;
  const id = Bun.randomUUIDv7();
  const inserted = await tx`
    insert into federation.key_rotation (id, kind, department_id, from_id, to_id, total, not_before, requested_by, request_id)
    values (${id}, ${kind}, ${departmentId ?? null}, ${fromId ?? null}, ${toId ?? null}, ${total},
      clock_timestamp() + make_interval(secs => ${waitSeconds}), ${ctx.caller.id}, ${ctx.requestId})
    on conflict do nothing`;
  if (inserted.count === 0) throw rotationRunning();
  const [view] = await tx<RotationView[]>`
    select ${rotationColumns(tx)} from federation.key_rotation where id = ${id}`;
  if (!view) throw new FederationError("internal", "The rotation was not stored.");
  await ctx.queue.send(tx, "rotate-keys", { rotation_id: id });
  await completeIdempotency(tx, ctx, 202, view);
  const event = {
    ...auditActor(ctx),
    stream: departmentId ?? PLATFORM_STREAM,
    action: "key.rotate",
    target: id,
  };
  await appendAudit(tx, [
    { ...event, decision: "allowed", meta: { kind, from: fromId ?? null, to: toId ?? null } },
  ]);
  return view;
}

const rotationRunning = () =>
  conflict("rotation_running", "This key is being rotated already; wait for the end of it.");
