import type { AuditEvent } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import { currentRelease } from "../departments/release.ts";
import type { RolloutMeans } from "./advance-rollout.ts";
import type { HeldRollout } from "./held-rollout.ts";
import { lockPlaces, type Place } from "./lock-places.ts";
import { submitUpgrade } from "./submit-upgrade.ts";

/** How long a department's own run may keep its batch waiting. */
const busySecondsMax = 60;

/**
 * Begins the upgrades of the present batch. A department that is not active is left out; one with another run gets its
 * turn later, and is left out when it is the last the batch waits for (`alone`).
 */
export async function submitUpgrades(
  means: RolloutMeans,
  tx: Tx,
  rollout: HeldRollout,
  alone: boolean,
): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for (const place of await lockPlaces(tx, rollout, "pending")) {
    const hindrance = place.hindrance ?? (place.busy ? "another run of it is not finished" : undefined);
    if (hindrance === undefined) events.push(await upgrade(means, tx, rollout, place));
    else if (place.hindrance !== null || (alone && rollout.batchSeconds > busySecondsMax))
      await tx`
        update federation.rollout_department set status = 'skipped', error = ${hindrance}, finished_at = clock_timestamp()
        where rollout_id = ${rollout.id} and department_id = ${place.id} and status = 'pending'`;
  }
  return events;
}

async function upgrade(means: RolloutMeans, tx: Tx, rollout: HeldRollout, place: Place): Promise<AuditEvent> {
  const release = releaseOn(means, rollout, place);
  const { runId, event } = await submitUpgrade(means, tx, rollout, place, release);
  await tx`
    update federation.rollout_department set status = 'upgrading', run_id = ${runId}, release_before = ${place.release},
      release_after = ${release}, started_at = clock_timestamp()
    where rollout_id = ${rollout.id} and department_id = ${place.id} and status = 'pending'`;
  return event;
}

/** A local agent runs the template beside this code, whatever the image; without an image the others keep theirs. */
function releaseOn({ config }: RolloutMeans, { agentImage }: HeldRollout, { host, release }: Place): string {
  return host === "local" ? currentRelease(config, host) : (agentImage ?? release);
}
