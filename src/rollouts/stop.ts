import { raiseAlert } from "../alerts/raise.ts";
import { type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { Tx } from "../db/tx.ts";
import type { HeldRollout } from "./held-rollout.ts";
import { putBackAll } from "./roll-back.ts";

export const stoppedAlert = "rollout_stopped";

const reasonMax = 2000;
const summaryMax = 500;

/**
 * Ends a rollout of which too many failed: what failed is put back, with `rollback` all so is everything it changed.
 * Later batches are left as they were. Answers what to put on record.
 */
export async function stopRollout(tx: Tx, rollout: HeldRollout): Promise<AuditEvent[]> {
  const { id, batch, failuresMax, rollback } = rollout;
  const failed = await tx<{ slug: string; error: string }[]>`
    select d.slug, p.error from federation.rollout_department p join federation.department d on d.id = p.department_id
    where p.rollout_id = ${id} and p.error is not null and p.status <> 'skipped' order by p.batch, d.slug`;
  const what = failed.map(({ slug, error }) => `${slug}: ${error}`).join("; ");
  const reason = `Batch ${batch}: ${failed.length} failed where ${failuresMax} may. ${what}`.slice(
    0,
    reasonMax,
  );
  if (rollback === "all") await putBackAll(tx, id);
  await tx`
    update federation.rollout set status = 'rolling_back', reason = ${reason}
    where id = ${id} and status = 'running'`;
  const summary = `The rollout of ${rollout.release} stopped. ${reason}`.slice(0, summaryMax);
  const alert = { name: stoppedAlert, subject: id, severity: "warning" as const, summary };
  return [
    ...(await raiseAlert(tx, alert)),
    {
      stream: PLATFORM_STREAM,
      actor: "rollouts",
      actorKind: "system",
      action: "rollout.stop",
      target: id,
      decision: "failed",
      reason: reason.slice(0, summaryMax),
      requestId: rollout.requestId,
      meta: { release: rollout.release, batch, failed: failed.length },
    },
  ];
}
