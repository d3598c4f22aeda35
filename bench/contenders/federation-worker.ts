/** bun federation-worker.ts <databaseUrl> <worker name> */
import { wakeRuns } from "../../jobs/wake-runs.ts";
import { openPools } from "../../src/db/pools.ts";
import { createEngine } from "../../src/provisioning/engine.ts";
import { openBoss } from "../../src/queue/queue.ts";
import { createEffects, reportReady } from "./effects.ts";
import { graphOf } from "./federation-engine.ts";
import { inDatabase, takeoverPlan, takeoverSteps } from "./federation-takeover.ts";

const [url = ""] = Bun.argv.slice(2);
const { effect } = createEffects(url);
const pools = openPools({ appUrl: url, gatewayUrl: url, applicationName: "bench worker" });
const names = new Map(takeoverSteps.map((step) => [inDatabase(step), step]));

/** As a step of the product: the fence right before the effect. */
const graph = graphOf(takeoverPlan, async (ctx) => {
  await ctx.fence();
  await effect(String(ctx.run.input["name"]), names.get(ctx.step) ?? ctx.step);
});
const engine = createEngine({ sql: pools.engine, deps: {}, graphs: [graph], runsMax: 8, holdSeconds: 60 });
const boss = await openBoss({ url, role: "federation_app", onError: console.error });
await wakeRuns(boss, engine);
reportReady();
