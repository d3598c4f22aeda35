/**
 * One step of the rollout that lives: takes in the runs that ended, begins the next ones, and at the end of a batch asks
 * its gate. Everything is one transaction under the rollout's row lock, and talks to nobody but the database: a worker
 * that is killed in it has done nothing, and the next one begins where the last commit was. What a department's upgrade
 * changed is put back by its own run when that fails; what failed at the gate is put back by a run of its own.
 */
import { appendAudit, type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { Config } from "../config.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import type { Queue } from "../queue/queue.ts";
import type { Tracer } from "../traces/tracer.ts";
import { failAtGate } from "./fail-at-gate.ts";
import { type HeldRollout, holdRollout } from "./held-rollout.ts";
import { settleRuns } from "./settle-runs.ts";
import { stopRollout } from "./stop.ts";
import { submitRollbacks } from "./submit-rollbacks.ts";
import { submitUpgrades } from "./submit-upgrades.ts";

export interface RolloutMeans {
  sql: Sql;
  queue: Queue;
  tracer: Tracer;
  config: Readonly<Config>;
}

const tickSeconds = 1;

/** True when it did something; false when no rollout was due, or another worker is at it. */
export async function advanceRollout(means: RolloutMeans): Promise<boolean> {
  return withTx(means.sql, async (tx) => {
    const rollout = await holdRollout(tx);
    if (!rollout) return false;
    // Not due again by another worker before this time is over; where the step says otherwise it does so below.
    await tx`update federation.rollout set wake_at = clock_timestamp() + make_interval(secs => ${tickSeconds})
      where id = ${rollout.id}`;
    await settleRuns(tx, rollout);
    const events = await submitRollbacks(means, tx, rollout);
    events.push(...(await goOn(means, tx, rollout)));
    await appendAudit(tx, events);
    return true;
  });
}

async function goOn(means: RolloutMeans, tx: Tx, rollout: HeldRollout): Promise<AuditEvent[]> {
  const open = await countOpen(tx, rollout);
  if (rollout.status === "paused") {
    if (open.underWay === 0) await tx`update federation.rollout set wake_at = null where id = ${rollout.id}`;
    return [];
  }
  if (rollout.status === "rolling_back")
    return open.underWay === 0
      ? finish(tx, rollout, rollout.rollback === "all" ? "rolled_back" : "stopped")
      : [];
  if (open.pending > 0) return submitUpgrades(means, tx, rollout, open.underWay === 0);
  if (open.underWay > 0) return [];
  if (rollout.batch > 0 && !(await isGateOver(tx, rollout))) return [];
  await failAtGate(tx, rollout);
  const { failed, underWay } = await countOpen(tx, rollout);
  if (failed > rollout.failuresMax) return stopRollout(tx, rollout);
  if (underWay > 0) return [];
  if (rollout.batch >= rollout.batches) return finish(tx, rollout, "succeeded");
  await tx`
    update federation.rollout set batch = batch + 1, batch_at = clock_timestamp(), gate_until = null
    where id = ${rollout.id}`;
  return submitUpgrades(means, tx, { ...rollout, batch: rollout.batch + 1, batchSeconds: 0 }, false);
}

interface Open {
  /** Of the present batch, not begun. */
  pending: number;
  /** Forward or back, in any batch. */
  underWay: number;
  failed: number;
}

async function countOpen(tx: Tx, { id, batch }: HeldRollout): Promise<Open> {
  const [open] = await tx<[Open]>`
    select count(*) filter (where status = 'pending' and batch = ${batch})::int as pending,
      count(*) filter (where status in ('upgrading', 'rolling_back'))::int as "underWay",
      count(*) filter (where error is not null and status <> 'skipped')::int as failed
    from federation.rollout_department where rollout_id = ${id}`;
  return open;
}

/** Sets it once the batch has ended, and has everybody in it looked at. */
async function isGateOver(tx: Tx, { id, batch, gate, gateSeconds }: HeldRollout): Promise<boolean> {
  if (gate !== "unset") return gate === "over";
  await tx`
    update federation.rollout set gate_until = clock_timestamp() + make_interval(secs => ${gateSeconds})
    where id = ${id}`;
  await tx`
    update federation.department_health h set next_check_at = least(h.next_check_at, clock_timestamp())
    from federation.rollout_department p
    where p.rollout_id = ${id} and p.batch = ${batch} and p.status = 'done' and h.department_id = p.department_id`;
  return gateSeconds === 0;
}

async function finish(
  tx: Tx,
  { id, release, requestId }: HeldRollout,
  status: "succeeded" | "stopped" | "rolled_back",
): Promise<AuditEvent[]> {
  await tx`
    update federation.rollout set status = ${status}, finished_at = clock_timestamp(), wake_at = null
    where id = ${id} and status in ('running', 'rolling_back')`;
  const event = { stream: PLATFORM_STREAM, actor: "rollouts", actorKind: "system" as const, requestId };
  return [{ ...event, action: "rollout.end", target: id, decision: "done", meta: { release, status } }];
}
