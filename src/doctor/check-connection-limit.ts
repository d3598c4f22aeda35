import { attempt } from "./attempt.ts";
import type { Diagnosis, PatientWithDatabase } from "./diagnosis.ts";

/** The most that one web and one worker open: src/db/pools.ts and src/queue/queue.ts. */
const needed = 25 + 35;
const fullAt = 0.8;

/** Whether one web and one worker get all connections that they may open, and how many of them are taken. */
export function checkConnectionLimit({ pools: { app } }: PatientWithDatabase): Promise<Diagnosis[]> {
  const remedy =
    "Raise max_connections, or the database's own limit: 25 for each web and 35 for each worker.";
  return attempt("connection limit", remedy, async () => {
    const [row] = await app<{ limit: number; used: number }[]>`
      select s.numbackends::int as used,
        least(nullif(d.datconnlimit, -1), current_setting('max_connections')::int
          - current_setting('superuser_reserved_connections')::int
          - coalesce(current_setting('reserved_connections', true), '0')::int) as limit
      from pg_database d join pg_stat_database s on s.datid = d.oid where d.datname = current_database()`;
    const { limit = 0, used = 0 } = row ?? {};
    if (limit < needed)
      return [`the server lets ${limit} connections in, and one web and one worker may open ${needed}`];
    return used > limit * fullAt ? [`${used} of ${limit} connections are taken`] : [];
  });
}
