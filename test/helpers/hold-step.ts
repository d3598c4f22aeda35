import type { Sql, Tx } from "../../src/db/tx.ts";
import type { RunDepartment } from "../../src/provisioning/run.ts";
import type { JobContext, WorkerDeps } from "../../src/provisioning/worker-deps.ts";

export type HeldStep = JobContext & {
  /** Another worker takes the run over. */
  lose(): Promise<void>;
  /** The run is gone, and the department may have another one. */
  release(): Promise<void>;
};

/** A step's context over a run that a test holds; the department's runs before it are forgotten. */
export async function holdStep(
  sql: Sql,
  deps: WorkerDeps,
  department: RunDepartment,
  step: string,
): Promise<HeldStep> {
  const [id, requestId] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  await sql`delete from federation.run where department_id = ${department.id}`;
  await sql`
    insert into federation.run (id, department_id, kind, status, epoch, lease_owner, lease_until, input_hash,
      requested_by, request_id)
    values (${id}, ${department.id}, 'provision', 'running', 1, 'test', now() + interval '1 hour', '', 'test',
      ${requestId})`;
  await sql`insert into federation.step (run_id, name, position, status, attempt, started_at)
    values (${id}, ${step}, 1, 'running', 1, now())`;
  const { app } = deps.db;
  return {
    deps,
    run: {
      id,
      kind: "provision",
      epoch: 1,
      owner: "test",
      status: "running",
      cancelRequested: false,
      input: {},
      requestedBy: "test",
      requestId,
      traceParent: null,
      department,
    },
    step,
    attempt: 1,
    idempotencyKey: `${id}:${step}`,
    signal: new AbortController().signal,
    fence: async (tx: Sql | Tx = app) => void (await tx`select federation.fence(${id}, 1, ${step}, 1)`),
    output: () => undefined,
    release: async () => void (await sql`delete from federation.run where id = ${id}`),
    lose: async () => void (await sql`update federation.run set epoch = 2 where id = ${id}`),
  };
}
