import { type AuditEvent, auditJson } from "../audit/append.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import type { StepContext } from "./graph.ts";

export type StepEvent = Pick<AuditEvent, "action" | "target" | "reason" | "meta">;

/**
 * A step's database effect in one transaction that commits only while this worker holds the run: `fn` does the work
 * and may answer what to put on record, then the fence, then the audit; heads are locked last.
 */
export async function stepTx<Deps, T>(
  ctx: StepContext<Deps>,
  sql: Sql,
  fn: (tx: Tx, record: (event: StepEvent) => void) => Promise<T>,
): Promise<T> {
  const events: StepEvent[] = [];
  ctx.signal.throwIfAborted();
  return withTx(sql, async (tx) => {
    const result = await fn(tx, (event) => events.push(event));
    if (events.length === 0) await ctx.fence(tx);
    else await fenceAndRecord(ctx, tx, events);
    return result;
  });
}

/**
 * In one statement: a worker stopped between the messages of a later one would keep the run's row, and no timeout of the
 * server ends a session that waits there.
 */
async function fenceAndRecord<Deps>(ctx: StepContext<Deps>, tx: Tx, events: StepEvent[]): Promise<void> {
  const { run, step, attempt } = ctx;
  ctx.signal.throwIfAborted();
  const recorded = auditJson(
    tx,
    events.map((event) => stepEvent(ctx, event)),
  );
  await tx`
    with held as materialized (select federation.fence(${run.id}, ${run.epoch}, ${step}, ${attempt}))
    select audit.append(${recorded}) from held`;
}

function stepEvent<Deps>({ run, step }: StepContext<Deps>, event: StepEvent): AuditEvent {
  return {
    ...event,
    stream: run.department.id,
    actor: run.owner,
    actorKind: "system",
    decision: "done",
    requestId: run.requestId,
    meta: { ...event.meta, run: run.id, step },
  };
}
