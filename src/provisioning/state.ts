import type { RunStatus, StepStatus } from "./run.ts";

/**
 * The states of runs and steps, and who may change them. Nothing else in the code writes a status: `claim.ts` and
 * `advance.ts` for the worker that holds the lease, `retry-run.ts` and `cancel-run.ts` for the API. Each write is guarded
 * by the epoch (worker) or the present status (API); the CHECKs in sql/0002 say what a state must have.
 */
export const runTransitions: Record<RunStatus, readonly RunStatus[]> = {
  queued: ["running", "rolling_back"], //                       worker claims; cancelled before it began
  running: ["running", "waiting", "succeeded", "failed", "rolling_back"], // worker; itself = takeover
  waiting: ["running", "rolling_back"], //                      worker, when wake_at has come or a cancel was asked
  failed: ["queued", "rolling_back"], //                        API retry; worker, when the hold is over or on cancel
  rolling_back: ["rolling_back", "rolled_back", "cancelled", "failed"], // worker; failed = orphans are left
  succeeded: [],
  rolled_back: [],
  cancelled: [],
};

export const stepTransitions: Record<StepStatus, readonly StepStatus[]> = {
  pending: ["running", "undoing"], //                           undoing = begun before an API retry
  running: ["running", "waiting", "done", "skipped", "failed", "undoing"], // itself = attempt of a new worker
  waiting: ["running", "undoing", "pending"],
  done: ["undoing", "pending"], //                              pending = API retry from an earlier step
  failed: ["undoing", "pending"],
  skipped: ["pending"],
  undoing: ["undoing", "undone"],
  undone: [],
};

/** Statuses from which one may go to `next` by its table of transitions: the guard of the UPDATE. */
export function statusesBefore<Status extends string>(
  transitions: Record<Status, readonly Status[]>,
  next: Status,
): Status[] {
  return (Object.keys(transitions) as Status[]).filter((from) => transitions[from].includes(next));
}
