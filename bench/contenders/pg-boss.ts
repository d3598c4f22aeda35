import { PgBoss } from "pg-boss";
import packageJson from "../../node_modules/pg-boss/package.json" with { type: "json" };
import type { EngineContender, RunTimes } from "./contender.ts";
import { linearSteps, parallelSteps, parallelStepMs } from "./contender.ts";
import { type FinishWatch, watchFinished } from "./watch-finished.ts";

const queue = "step";
const settings = {
  useListenNotify: true,
  notify: true,
  pollingIntervalSeconds: 0.5,
  notifyPollingIntervalSeconds: 0.5,
  batchSize: 25,
  burstWhenBatchFull: true,
  localConcurrency: 4,
  poolMax: 20,
};

interface StepJob {
  run: string;
  step: number;
  kind: "step" | "fork" | "middle";
}

interface NewJob {
  id?: string;
  data: StepJob;
}

/** pg-boss has no join that wakes at once (`flow` is polled, once a second at best), so the steps count themselves. */
const joinSql = `insert into joined (run, done) values ($1, 1)
  on conflict (run) do update set done = joined.done + 1 where joined.done < $2 returning done`;

/**
 * The floor: a queue without an engine. Each step is a job whose handler enqueues the next one; nothing keeps the run's
 * state, fences a slow worker or knows when a run is finished (its last job is).
 */
export function createContender(): EngineContender {
  let boss: PgBoss;
  let watch: FinishWatch;
  const firstStepAtMs = new Map<string, number>();

  const finished = async (run: string): Promise<RunTimes> => {
    await watch.finished(run);
    const began = firstStepAtMs.get(run) ?? Number.NaN;
    firstStepAtMs.delete(run);
    return { firstStepAtMs: began };
  };
  /** One handler call settles its whole batch: the next steps of all its runs are enqueued in one statement. */
  const work = async (jobs: { data: StepJob }[]) => {
    for (const { data } of jobs) {
      if (data.step === 1) firstStepAtMs.set(data.run, performance.now());
      if (data.step === linearSteps) watch.hint();
    }
    const followers = await Promise.all(jobs.map(({ data }) => followersOf(data, joinsLeft)));
    const next = followers.flat();
    if (next.length > 0) await boss.insert(queue, next);
  };
  const joinsLeft = async (run: string) => {
    const { rows } = await boss.getDb().executeSql(joinSql, [run, parallelSteps]);
    const row: { done: number } | undefined = rows[0];
    return parallelSteps - (row?.done ?? 0);
  };
  return {
    name: "pg-boss",
    version: packageJson.version,
    settings,
    async setup(databaseUrl, inFlight) {
      boss = new PgBoss({ connectionString: databaseUrl, max: settings.poolMax, useListenNotify: true });
      boss.on("error", (error) => console.error(error));
      await boss.start();
      await boss.createQueue(queue, { notify: true });
      await boss.getDb().executeSql("create table joined (run uuid primary key, done int not null)");
      watch = watchFinished(inFlight, async (ids) => {
        const { rows } = await boss
          .getDb()
          .executeSql("select id from pgboss.job where name = $1 and id = any($2) and state = 'completed'", [
            queue,
            ids,
          ]);
        return rows.map((row: { id: string }) => row.id);
      });
      const {
        batchSize,
        burstWhenBatchFull,
        localConcurrency,
        pollingIntervalSeconds,
        notifyPollingIntervalSeconds,
      } = settings;
      const options = {
        batchSize,
        burstWhenBatchFull,
        localConcurrency,
        pollingIntervalSeconds,
        notifyPollingIntervalSeconds,
      };
      await boss.work<StepJob>(queue, options, work);
    },
    async linear() {
      const run = Bun.randomUUIDv7();
      const done = finished(run);
      await boss.insert(queue, [stepJob(run, 1)]);
      return done;
    },
    async parallel() {
      const run = Bun.randomUUIDv7();
      const done = finished(run);
      await boss.insert(queue, [{ data: { run, step: 1, kind: "fork" } }]);
      return done;
    },
    async close() {
      await watch.close();
      await boss.stop({ graceful: false });
    },
  };
}

/** What a finished step enqueues: the next one, the five of a fork, or, after the last of the five, the end. */
async function followersOf(
  { run, step, kind }: StepJob,
  joinsLeft: (run: string) => Promise<number>,
): Promise<NewJob[]> {
  if (step === linearSteps) return [];
  if (kind === "step") return [stepJob(run, step + 1)];
  if (kind === "fork")
    return Array.from({ length: parallelSteps }, () => ({ data: { run, step: 2, kind: "middle" } }));
  await Bun.sleep(parallelStepMs);
  return (await joinsLeft(run)) === 0 ? [stepJob(run, linearSteps)] : [];
}

/** The last job carries the run's id, so that it can be looked up by primary key. */
function stepJob(run: string, step: number): NewJob {
  return { ...(step === linearSteps && { id: run }), data: { run, step, kind: "step" } };
}
