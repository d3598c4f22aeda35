import { attempt } from "./attempt.ts";
import type { Diagnosis, PatientWithDatabase } from "./diagnosis.ts";
import { skewSecondsMax } from "./skew.ts";

/** Whether database and process agree on the time. */
export function checkClock({ pools: { app } }: PatientWithDatabase): Promise<Diagnosis[]> {
  return attempt("clock", "Run NTP on this machine and on the database's.", async () => {
    const [row] = await app<
      { ms: number }[]
    >`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
    const skewSeconds = Math.abs((row?.ms ?? 0) - Date.now()) / 1000;
    return skewSeconds > skewSecondsMax
      ? [`the clocks of database and process differ by ${skewSeconds.toFixed(0)} s`]
      : [];
  });
}
