import { DBOS } from "@dbos-inc/dbos-sdk";
import postgres from "postgres";
import type { EngineContender } from "../contenders/contender.ts";
import { type FinishWatch, watchFinished } from "../contenders/watch-finished.ts";
import { firstStepOf, launch, linearRun, parallelRun, poolMax, seen, version } from "./dbos-engine.ts";

const queueName = "bench";
const minPollingIntervalMs = 5;

/** DBOS as a system with separate workers uses it: submitted to a durable queue that a worker polls. */
export function createContender(): EngineContender {
  let watch: FinishWatch;
  let sql: postgres.Sql;
  const enqueue = async (workflow: typeof linearRun) => {
    const run = crypto.randomUUID();
    const finished = watch.finished(run);
    await DBOS.startWorkflow(workflow, { workflowID: run, queueName })(run);
    await finished;
    return firstStepOf(run);
  };
  return {
    name: "dbos-queue",
    version,
    settings: {
      start: "queue",
      minPollingIntervalMs,
      concurrency: "unlimited",
      poolMax,
      useListenNotify: true,
    },
    async setup(databaseUrl, inFlight) {
      await launch(databaseUrl);
      await DBOS.registerQueue(queueName, { minPollingIntervalMs });
      sql = postgres(databaseUrl, { max: 1 });
      watch = watchFinished(inFlight, async (ids) => {
        const rows = await sql<{ id: string }[]>`
          select workflow_uuid as id from dbos.workflow_status where status = 'SUCCESS' and workflow_uuid = any(${ids})`;
        return rows.map((row) => row.id);
      });
      seen.ended = watch.hint;
    },
    linear: () => enqueue(linearRun),
    parallel: () => enqueue(parallelRun),
    async close() {
      await watch.close();
      await sql.end();
      await DBOS.shutdown();
    },
  };
}
