import type { AuditEvent } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import { upgradePlan } from "../provisioning/plans.ts";
import { submitRun } from "../provisioning/submit-run.ts";
import type { RolloutMeans } from "./advance-rollout.ts";
import type { HeldRollout } from "./held-rollout.ts";
import type { Place } from "./lock-places.ts";

const caller = {
  kind: "system",
  id: "rollouts",
  role: undefined,
  departmentId: undefined,
  scopes: new Set<string>(),
} as const;

/** One department's run to a release, as `upgradeDepartment` begins it; the caller holds its row and saw it free. */
export async function submitUpgrade(
  { queue, tracer }: RolloutMeans,
  tx: Tx,
  { id, requestId }: HeldRollout,
  place: Place,
  release: string,
): Promise<{ runId: string; event: AuditEvent }> {
  const input = { release, release_before: place.release, failure_hold_minutes: 0, rollout: id };
  const run = { departmentId: place.id, input, inputHash: release };
  const runId = await submitRun({ caller, queue, requestId, tracer }, tx, upgradePlan, run);
  const who = { actor: caller.id, actorKind: caller.kind, requestId };
  const meta = { run: runId, release, release_before: place.release, rollout: id };
  return {
    runId,
    event: { ...who, stream: place.id, action: "department.upgrade", decision: "done", meta },
  };
}
