import type { ClosableWorkerDeps } from "../src/deps.ts";
import { advanceRollout } from "../src/rollouts/advance-rollout.ts";
import { lookForRollout } from "../src/rollouts/held-rollout.ts";

const idleMs = 5000;
const tickMs = 1000;

type Means = Pick<ClosableWorkerDeps, "queue" | "config" | "log" | "tracer"> & {
  db: Pick<ClosableWorkerDeps["db"], "app">;
};

/**
 * Carries the rollout that lives on, step by step, until it is closed; every worker may, and one does at a time. While
 * there is none it is one small query every 5 s.
 */
export function advanceRollouts({ db, queue, config, log, tracer }: Means): { close(): Promise<void> } {
  const means = { sql: db.app, queue, config, tracer };
  let closed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  const look = async (): Promise<number> => {
    try {
      const { lives, due } = await lookForRollout(means.sql);
      if (due) await advanceRollout(means);
      return lives ? tickMs : idleMs;
    } catch (err) {
      log.error({ err }, "the rollout was not carried on");
      return idleMs;
    }
  };
  const next = () => {
    running = look().then((ms) => {
      if (!closed) timer = setTimeout(next, ms);
    });
  };
  next();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
