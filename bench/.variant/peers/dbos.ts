import { DBOS } from "@dbos-inc/dbos-sdk";
import type { EngineContender } from "../contenders/contender.ts";
import { firstStepOf, launch, linearRun, parallelRun, poolMax, version } from "./dbos-engine.ts";

/** DBOS at its fastest: started directly in the submitting process, without a queue; no other worker could take it. */
export function createContender(): EngineContender {
  const start = async (workflow: typeof linearRun) => {
    const run = crypto.randomUUID();
    const handle = await DBOS.startWorkflow(workflow, { workflowID: run })(run);
    await handle.getResult();
    return firstStepOf(run);
  };
  return {
    name: "dbos",
    version,
    settings: { start: "direct, in process", poolMax, useListenNotify: true },
    setup: (databaseUrl) => launch(databaseUrl),
    linear: () => start(linearRun),
    parallel: () => start(parallelRun),
    close: () => DBOS.shutdown(),
  };
}
