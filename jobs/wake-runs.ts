import type { PgBoss } from "pg-boss";
import type { Engine } from "../src/provisioning/engine.ts";

/**
 * A job of the queue `run` only says that something is due: the engine looks for itself. Batches are taken until the
 * queue is empty, so that a burst of submissions does not wait for the next poll.
 */
export async function wakeRuns(boss: PgBoss, engine: Engine): Promise<void> {
  const options = {
    batchSize: 100,
    burstWhenBatchFull: true,
    pollingIntervalSeconds: 0.5,
    notifyPollingIntervalSeconds: 0.5,
  };
  await boss.work("run", options, () => {
    engine.poke();
    return Promise.resolve();
  });
}
