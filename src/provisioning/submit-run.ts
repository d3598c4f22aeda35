import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Plan } from "./plans.ts";

export interface NewRun {
  departmentId: string;
  input: JsonObject;
  /** Tells the same request sent twice from another one. */
  inputHash: string;
}

/**
 * Writes a run with its steps and wakes a worker, in the caller's transaction. What is done for the run later is traced
 * below what asks for it now. Throws 409 while another run lives.
 */
export async function submitRun(
  ctx: Pick<Ctx, "caller" | "queue" | "requestId" | "tracer">,
  tx: Tx,
  plan: Plan,
  run: NewRun,
): Promise<string> {
  const id = Bun.randomUUIDv7();
  const attributes = {
    "federation.run": id,
    "federation.run.kind": plan.kind,
    "federation.department": run.departmentId,
  };
  return ctx.tracer.span(`submit ${plan.kind}`, { kind: "internal", attributes }, async ({ traceparent }) => {
    const inserted = await tx`
      insert into federation.run
        (id, department_id, kind, status, input, input_hash, requested_by, request_id, trace_parent)
      values (${id}, ${run.departmentId}, ${plan.kind}, 'queued', ${tx.json(run.input)}, ${run.inputHash},
        ${ctx.caller.id}, ${ctx.requestId}, ${traceparent ?? null})
      on conflict do nothing`;
    if (inserted.count === 0)
      throw conflict("run_in_progress", "Another run of this department is not finished yet.");
    const names = plan.steps.map((step) => step.name);
    await tx`
      insert into federation.step (run_id, name, position, status)
      select ${id}, name, position, 'pending' from unnest(${names}::text[]) with ordinality as s(name, position)`;
    await ctx.queue.send(tx, "run", { run_id: id });
    return id;
  });
}
