import type { Sql } from "../db/tx.ts";
import { type Advance, type Advanced, advanceRuns } from "./advance.ts";

/** Stores one run's advance; undefined when another worker has the run. */
export type StoreAdvance = (advance: Advance) => Promise<Advanced | undefined>;

interface Waiting {
  advance: Advance;
  resolve(advanced: Advanced | undefined): void;
  reject(error: unknown): void;
}

const statementsAtOnce = 2;
const runsPerStatement = 100;

/**
 * Group commit for the runs of one worker: while statements are on their way, what else comes in waits and goes out
 * together with the next one. A lone run never waits.
 */
export function createAdvancer(sql: Sql): StoreAdvance {
  const waiting: Waiting[] = [];
  let underWay = 0;

  const next = async () => {
    if (underWay >= statementsAtOnce || waiting.length === 0) return;
    underWay += 1;
    const batch = waiting.splice(0, runsPerStatement);
    await storeBatch(sql, batch);
    underWay -= 1;
    void next();
  };

  return (advance) =>
    new Promise((resolve, reject) => {
      waiting.push({ advance, resolve, reject });
      queueMicrotask(() => void next());
    });
}

/** An advance that cannot be stored must not take the others with it: then each goes alone. */
async function storeBatch(sql: Sql, batch: Waiting[]): Promise<void> {
  try {
    const stored = await advanceRuns(
      sql,
      batch.map(({ advance }) => advance),
    );
    batch.forEach(({ resolve }, index) => resolve(stored[index]));
  } catch (error) {
    const [only] = batch;
    if (batch.length === 1) only?.reject(error);
    else for (const one of batch) await storeBatch(sql, [one]);
  }
}
