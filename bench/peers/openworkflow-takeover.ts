import { join } from "node:path";
import { defineWorkflowSpec } from "openworkflow";
import postgres from "postgres";
import type { TakeoverContender } from "../contenders/contender.ts";
import { connect, version } from "./openworkflow-engine.ts";

export const takeoverSpec = defineWorkflowSpec<{ run: string }, void>({ name: "takeover" });
export const concurrency = 4;

/** openworkflow: a lease of 30 s, renewed every 15 s; the library has no setting for either. */
export function createContender(): TakeoverContender {
  return {
    name: "openworkflow",
    version,
    settings: {
      concurrency,
      leaseSeconds: "30, fixed by the library",
      poll: "100 ms to 1 s, fixed by the library",
    },
    workerScript: join(import.meta.dir, "openworkflow-worker.ts"),
    repetitions: 4,
    atOnce: 8,
    setup: async () => {},
    async submit(databaseUrl, run) {
      const { client, backend } = await connect(databaseUrl);
      await client.runWorkflow(takeoverSpec, { run });
      await backend.stop();
    },
    async doneSteps(databaseUrl, run) {
      const sql = postgres(databaseUrl, { max: 1 });
      const rows = await sql<{ step: string }[]>`
        select a.step_name as step from openworkflow.step_attempts a
        join openworkflow.workflow_runs r on r.id = a.workflow_run_id and r.namespace_id = a.namespace_id
        where r.input->>'run' = ${run} and a.status in ('completed', 'succeeded')`;
      await sql.end();
      return rows.map((row) => row.step);
    },
  };
}
