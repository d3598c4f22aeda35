/**
 * What /metrics answers: values of this web process, counted as they happen, and values of the whole platform, read from
 * the database when asked. Every web process answers the same for the latter. Scrapes that come together, or within five
 * seconds, share one look at the database, so that who scrapes costs it the same however many there are.
 */
import type { Logger } from "pino";
import type { Pools } from "../db/pools.ts";
import { type Family, formatFamilies } from "./format.ts";
import { createWebMetrics, type WebMetrics } from "./process/web-metrics.ts";

export interface Metrics extends WebMetrics {
  /** Everything as Prometheus' text. Answers without the database's values when it cannot be reached. */
  text(): Promise<string>;
}

const keptMs = 5000;

export function createMetrics({ db, log }: { db: Pools; log: Logger }): Metrics {
  const web = createWebMetrics(db);
  let look: { families: Promise<Family[]>; endedAt: number | undefined } | undefined;
  const fromDatabase = () => {
    if (look && (look.endedAt === undefined || performance.now() - look.endedAt < keptMs))
      return look.families;
    const begun = { families: read(), endedAt: undefined as number | undefined };
    look = begun;
    void begun.families.then(() => (begun.endedAt = performance.now()));
    return begun.families;
  };
  // Most processes are never scraped: the queries are loaded when the first one is.
  const read = async () => (await import("./read-database.ts")).readDatabase({ sql: db.app, log });
  return {
    ...web,
    text: async () => formatFamilies([...(await fromDatabase()), ...web.families()]),
  };
}
