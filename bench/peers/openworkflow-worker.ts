/** bun openworkflow-worker.ts <databaseUrl> <worker name> */
import { linearSteps } from "../contenders/contender.ts";
import { createEffects, reportReady } from "../contenders/effects.ts";
import { connect } from "./openworkflow-engine.ts";
import { concurrency, takeoverSpec } from "./openworkflow-takeover.ts";

const [databaseUrl = ""] = Bun.argv.slice(2);
const { effect } = createEffects(databaseUrl);
const { client } = await connect(databaseUrl);

client.implementWorkflow(takeoverSpec, async ({ input, step }) => {
  for (let index = 1; index <= linearSteps; index += 1) {
    const name = `step-${index}`;
    await step.run({ name }, () => effect(input.run, name));
  }
});
await client.newWorker({ concurrency }).start();
reportReady();
