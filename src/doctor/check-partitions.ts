import { attempt } from "./attempt.ts";
import type { Diagnosis, PatientWithDatabase } from "./diagnosis.ts";

/** Whether the audit has partitions ahead: what cannot be recorded does not happen. */
export function checkPartitions({ pools: { app } }: PatientWithDatabase): Promise<Diagnosis[]> {
  return attempt("audit partitions", "Start a worker: it makes them ahead of time.", async () => {
    const [row] = await app<{ ahead: boolean }[]>`
      select to_regclass('audit.event_' || to_char(clock_timestamp() + interval '20 days', 'YYYYMM')) is not null as ahead`;
    return row?.ahead ? [] : ["the audit has no partition for the coming weeks"];
  });
}
