import packageJson from "../../package.json" with { type: "json" };
import { wakeRuns } from "../../jobs/wake-runs.ts";
import { createEngine, type Engine } from "../../src/provisioning/engine.ts";
import type { Plan } from "../../src/provisioning/plans.ts";
import { openBoss } from "../../src/queue/queue.ts";
import {
  type EngineContender,
  linearSteps,
  parallelSteps,
  parallelStepMs,
  type RunTimes,
} from "./contender.ts";
import {
  chain,
  type FederationBase,
  graphOf,
  openBase,
  planOf,
  prepareDatabase,
  submit,
} from "./federation-engine.ts";
import { type FinishWatch, watchFinished } from "./watch-finished.ts";

const letters = "abcdefghijklmnopqrstuvwxyz";
const linearPlan = planOf(
  chain(Array.from({ length: linearSteps }, (_, index) => `step-${letters.charAt(index)}`)),
);
const middle = Array.from({ length: parallelSteps }, (_, index) => `middle-${letters.charAt(index)}`);
const parallelPlan: Plan = {
  ...planOf([
    { name: "fork", needs: [], group: "host" },
    ...middle.map((name) => ({ name, needs: ["fork"], group: "host" }) as const),
    { name: "join", needs: middle, group: "host" },
  ]),
  kind: "upgrade",
};

/** The product's engine as it is in the worker: leases, fences, audit of every result, wake-up through pg-boss. */
export function createContender(): EngineContender {
  let base: FederationBase;
  let engine: Engine;
  let watch: FinishWatch;
  let closeBoss = () => Promise.resolve();
  const firstStepAtMs = new Map<string, number>();

  const submitAndWait = async (plan: Plan): Promise<RunTimes> => {
    const run = await submit(base, plan);
    await watch.finished(run);
    const began = firstStepAtMs.get(run) ?? Number.NaN;
    firstStepAtMs.delete(run);
    return { firstStepAtMs: began };
  };
  const body = async ({ run, step }: { run: { id: string }; step: string }) => {
    if (!firstStepAtMs.has(run.id)) firstStepAtMs.set(run.id, performance.now());
    if (step.startsWith("middle")) await Bun.sleep(parallelStepMs);
  };
  return {
    name: "federation",
    version: packageJson.version,
    settings: { enginePoolMax: 3, submitPoolMax: 10, wakeUp: "pg-boss with notify", auditedResults: true },
    async setup(databaseUrl, inFlight) {
      await prepareDatabase(databaseUrl);
      base = await openBase(databaseUrl);
      const { app } = base.pools;
      watch = watchFinished(inFlight, async (ids) => {
        const rows = await app<{ id: string }[]>`
          select id from federation.run where id = any(${ids}) and status = 'succeeded'`;
        return rows.map((row) => row.id);
      });
      engine = createEngine({
        sql: base.pools.engine,
        deps: {},
        graphs: [graphOf(linearPlan, body), graphOf(parallelPlan, body)],
        runsMax: Math.max(32, inFlight),
        holdSeconds: 60,
        observe: (event) => (event.type === "left" ? watch.hint() : undefined),
      });
      const boss = await openBoss({ url: databaseUrl, role: "federation_app", onError: console.error });
      closeBoss = () => boss.stop({ graceful: false });
      await wakeRuns(boss, engine);
    },
    linear: () => submitAndWait(linearPlan),
    parallel: () => submitAndWait(parallelPlan),
    async close() {
      await watch.close();
      await engine.close();
      await closeBoss();
      await base.close();
    },
  };
}
