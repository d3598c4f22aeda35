import { attempt } from "./attempt.ts";
import type { Diagnosis, PatientWithDatabase } from "./diagnosis.ts";

const unsealedMinutesMax = 5;

/** Whether what happened longer ago than a few checkpoints take stands in one. */
export function checkCheckpoints({ pools: { app } }: PatientWithDatabase): Promise<Diagnosis[]> {
  const remedy = "Is a worker running, and may it write AUDIT_ANCHOR?";
  return attempt("audit checkpoints", remedy, async () => {
    const [row] = await app<{ late: boolean }[]>`
      select exists (
        select from audit.head h left join audit.sealed_head s on s.stream = h.stream where h.seq > coalesce(s.seq, 0)
          and h.at_us < extract(epoch from clock_timestamp() - make_interval(mins => ${unsealedMinutesMax})) * 1000000
      ) as late`;
    return row?.late ? [`events older than ${unsealedMinutesMax} minutes stand in no checkpoint`] : [];
  });
}
