import type { Ctx } from "../context.ts";
import type { Sql, Tx } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import type { RunKind, RunStatus } from "./run.ts";
import { isUuid } from "../uuid.ts";

export interface FoundRun {
  id: string;
  kind: RunKind;
  status: RunStatus;
  departmentId: string;
  inputHash: string;
  /** Names of the steps that have begun at least once. */
  begun: string[];
  undoing: boolean;
  cancelRequested: boolean;
}

/** The run, locked for the rest of the transaction. Throws the same 404 for a missing one and another department's. */
export async function lockRun(ctx: Ctx, tx: Sql | Tx, runId: string): Promise<FoundRun> {
  if (!isUuid(runId)) throw notFound();
  // Two statements: what other transactions did to the steps is only seen by one that begins after the wait.
  await tx`select from federation.run where id = ${runId} for no key update`;
  const [run] = await tx<FoundRun[]>`
    select r.id, r.kind, r.status, r.department_id as "departmentId", r.input_hash as "inputHash",
      array(select s.name from federation.step s where s.run_id = r.id and s.started_at is not null) as begun,
      exists (select from federation.step s where s.run_id = r.id and s.status in ('undoing', 'undone')) as undoing,
      r.cancel_requested_at is not null as "cancelRequested"
    from federation.run r where r.id = ${runId}`;
  const { departmentId } = ctx.caller;
  if (!run || (departmentId !== undefined && departmentId !== run.departmentId)) throw notFound();
  return run;
}
