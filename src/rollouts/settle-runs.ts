import type { Tx } from "../db/tx.ts";
import type { HeldRollout } from "./held-rollout.ts";

/** Takes in what became of the runs that ended: those that went forward, and those that put something back. */
export async function settleRuns(tx: Tx, rollout: HeldRollout): Promise<void> {
  // A department that is to go back follows at once; one whose run failed is back already by that run's own undo.
  const done = rollout.status === "rolling_back" && rollout.rollback === "all" ? "rolling_back" : "done";
  await tx`
    update federation.rollout_department p set
      status = case when r.status = 'succeeded' then ${done}
        when r.status in ('rolled_back', 'cancelled') then 'rolled_back' else 'failed' end,
      error = case when r.status <> 'succeeded' then ${errorOf(tx)} end,
      finished_at = case when r.status = 'succeeded' and ${done} = 'rolling_back' then null else clock_timestamp() end
    from federation.run r
    where p.rollout_id = ${rollout.id} and p.status = 'upgrading' and r.id = p.run_id and ${hasEnded(tx)}`;
  await tx`
    update federation.rollout_department p set
      status = case when r.status = 'succeeded' then 'rolled_back' else 'failed' end,
      error = case when r.status = 'succeeded' then p.error
        else left(concat_ws('; ', p.error, 'not put back: ' || ${errorOf(tx)}), 1000) end,
      finished_at = clock_timestamp()
    from federation.run r
    where p.rollout_id = ${rollout.id} and p.status = 'rolling_back' and r.id = p.rollback_run_id and ${hasEnded(tx)}`;
}

/** A run that could not take back what it did stays `failed`, and nobody wakes it. */
const hasEnded = (tx: Tx) => tx`
  (r.status in ('succeeded', 'rolled_back', 'cancelled')
    or (r.status = 'failed' and r.wake_at is null and r.cancel_requested_at is null))`;

/** What the run says went wrong. */
const errorOf = (tx: Tx) => tx`
  left(coalesce(r.error_code || ': ' || coalesce(r.error_message, 'no message'), 'the run was ' || r.status), 900)`;
