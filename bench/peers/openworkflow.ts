import type postgres from "postgres";
import type { EngineContender } from "../contenders/contender.ts";
import { linearSteps, parallelSteps, parallelStepMs } from "../contenders/contender.ts";
import { type FinishWatch, watchFinished } from "../contenders/watch-finished.ts";
import { connect, poolMax, version } from "./openworkflow-engine.ts";

type Connected = Awaited<ReturnType<typeof connect>>;

interface Seen {
  firstStepAtMs: Map<string, number>;
  ended(): void;
}

/** openworkflow with its Postgres backend. Its poll (100 ms, backing off to 1 s when idle) cannot be configured. */
export function createContender(): EngineContender {
  const seen: Seen = { firstStepAtMs: new Map(), ended: () => {} };
  const settings = { poolMax, concurrency: 0, poll: "100 ms to 1 s, fixed by the library" };
  let connected: Connected;
  let watch: FinishWatch;
  let worker: ReturnType<Connected["client"]["newWorker"]>;
  let runs: ReturnType<typeof defineRuns>;

  const submit = async (workflow: "linear" | "parallel") => {
    const handle = await runs[workflow].run({ key: crypto.randomUUID() });
    const { id } = handle.workflowRun;
    await watch.finished(id);
    const firstStepAtMs = seen.firstStepAtMs.get(id) ?? Number.NaN;
    seen.firstStepAtMs.delete(id);
    return { firstStepAtMs };
  };
  return {
    name: "openworkflow",
    version,
    settings,
    async setup(databaseUrl, inFlight) {
      connected = await connect(databaseUrl);
      watch = watchFinished(inFlight, (ids) => finishedOf(connected.sql, ids));
      seen.ended = watch.hint;
      settings.concurrency = inFlight;
      runs = defineRuns(connected, seen);
      worker = connected.client.newWorker({ concurrency: inFlight });
      await worker.start();
    },
    linear: () => submit("linear"),
    parallel: () => submit("parallel"),
    async close() {
      await worker.stop();
      await watch.close();
      await connected.backend.stop();
    },
  };
}

function defineRuns({ client }: Connected, seen: Seen) {
  const noop = async () => {};
  const linear = client.defineWorkflow<{ key: string }, void>({ name: "linear" }, async ({ step, run }) => {
    seen.firstStepAtMs.set(run.id, performance.now());
    for (let index = 1; index <= linearSteps; index += 1) await step.run({ name: `step-${index}` }, noop);
    seen.ended();
  });
  const parallel = client.defineWorkflow<{ key: string }, void>(
    { name: "parallel" },
    async ({ step, run }) => {
      seen.firstStepAtMs.set(run.id, performance.now());
      await step.run({ name: "begin" }, noop);
      const middle = Array.from({ length: parallelSteps }, (_, index) =>
        step.run({ name: `middle-${index}` }, () => Bun.sleep(parallelStepMs)),
      );
      await Promise.all(middle);
      await step.run({ name: "end" }, noop);
      seen.ended();
    },
  );
  return { linear, parallel };
}

async function finishedOf(sql: postgres.Sql, ids: string[]): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from openworkflow.workflow_runs where status in ('completed', 'succeeded') and id = any(${ids})`;
  return rows.map((row) => row.id);
}
