import { join } from "node:path";
import { DBOSClient } from "@dbos-inc/dbos-sdk";
import postgres from "postgres";
import type { TakeoverContender } from "../contenders/contender.ts";
import { version } from "./dbos-engine.ts";

export const queueName = "takeover";
export const workflowName = "takeover";
export const minPollingIntervalMs = 50;

/**
 * DBOS open source: each worker its own executor id, the same application version, a durable queue. Another executor
 * resumes a dead one's runs only when Conductor (not open source) or an operator tells it to.
 */
export function createContender(): TakeoverContender {
  return {
    name: "dbos",
    version,
    settings: { conductor: false, executorId: "one per worker", minPollingIntervalMs, useListenNotify: true },
    workerScript: join(import.meta.dir, "dbos-worker.ts"),
    repetitions: 2,
    atOnce: 4,
    setup: async () => {},
    async submit(databaseUrl, run) {
      const client = await DBOSClient.create({ systemDatabaseUrl: databaseUrl, applicationName: "bench" });
      await client.enqueue({ queueName, workflowName, workflowID: run }, run);
      await client.destroy();
    },
    async doneSteps(databaseUrl, run) {
      const sql = postgres(databaseUrl, { max: 1 });
      const rows = await sql<{ step: string }[]>`
        select function_name as step from dbos.operation_outputs where workflow_uuid = ${run} and error is null`;
      await sql.end();
      return rows.map((row) => row.step);
    },
  };
}
