/** bun dbos-worker.ts <databaseUrl> <worker name> */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { linearSteps } from "../contenders/contender.ts";
import { createEffects, reportReady } from "../contenders/effects.ts";
import { logger, poolMax } from "./dbos-engine.ts";
import { minPollingIntervalMs, queueName, workflowName } from "./dbos-takeover.ts";

const [databaseUrl = "", worker = ""] = Bun.argv.slice(2);
const { effect } = createEffects(databaseUrl);

DBOS.registerWorkflow(
  async (run: string) => {
    for (let index = 1; index <= linearSteps; index += 1) {
      const step = `step-${index}`;
      await DBOS.runStep(() => effect(run, step), { name: step });
    }
  },
  { name: workflowName },
);
DBOS.setConfig({
  name: "bench",
  systemDatabaseUrl: databaseUrl,
  systemDatabasePoolSize: poolMax,
  useListenNotify: true,
  executorID: worker,
  applicationVersion: "bench",
  logger,
});
await DBOS.launch();
await DBOS.registerQueue(queueName, { minPollingIntervalMs });
reportReady();
