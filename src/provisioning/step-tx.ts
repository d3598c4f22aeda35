import { type AuditEvent, appendAudit } from "../audit/append.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import type { StepContext } from "./graph.ts";

export type StepEvent = Pick<AuditEvent, "action" | "target" | "reason" | "meta">;

const fencedSeconds = 3;

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
    // Stopped between the messages of a statement a session counts as active: only this timeout frees the run's row.
    await tx.unsafe(`set local statement_timeout = '${fencedSeconds}s'`);
    await ctx.fence(tx);
    await appendAudit(
      tx,
      events.map((event) => stepEvent(ctx, event)),
    );
    return result;
  });
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
