import type { AuditEvent } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import type { RolloutMeans } from "./advance-rollout.ts";
import type { HeldRollout } from "./held-rollout.ts";
import { lockPlaces } from "./lock-places.ts";
import { submitUpgrade } from "./submit-upgrade.ts";

/** Begins to bring departments back to their release of before, as many at a time as a batch has. */
export async function submitRollbacks(
  means: RolloutMeans,
  tx: Tx,
  rollout: HeldRollout,
): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const place of await lockPlaces(tx, rollout, "rolling_back")) {
    const { id, hindrance, busy, releaseBefore } = place;
    if (hindrance !== null || releaseBefore === null) {
      const why = `not put back: ${hindrance ?? "its release of before is not known"}`;
      await tx`
        update federation.rollout_department set status = 'failed', finished_at = clock_timestamp(),
          error = left(concat_ws('; ', error, ${why}::text), 1000)
        where rollout_id = ${rollout.id} and department_id = ${id} and status = 'rolling_back'`;
    } else if (!busy) {
      const { runId, event } = await submitUpgrade(means, tx, rollout, place, releaseBefore);
      await tx`
        update federation.rollout_department set rollback_run_id = ${runId}
        where rollout_id = ${rollout.id} and department_id = ${id} and status = 'rolling_back'`;
      events.push(event);
    }
  }
  return events;
}
