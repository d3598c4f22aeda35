import type { Sql, Tx } from "../db/tx.ts";
import { FederationError, WaitError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { untilAborted } from "../until-aborted.ts";
import type { Outcome, StepFailure } from "./decide.ts";
import type { Step, StepContext } from "./graph.ts";
import type { ClaimedRun } from "./run.ts";

const deadlineSecondsDefault = 60;

interface Attempt {
  run: ClaimedRun;
  attempt: number;
  output(step: string): JsonObject | undefined;
  /** The run's: aborted by a cancel, a lost lease or a worker that goes away. */
  signal: AbortSignal;
}

/** Calls a step's `run` or `undo` once, under its deadline; never throws: what happened is a value. */
export async function attemptStep<Deps>(
  step: Step<Deps>,
  attempt: Attempt,
  options: { sql: Sql; deps: Deps },
): Promise<Outcome> {
  const seconds = step.deadlineSeconds ?? deadlineSecondsDefault;
  const ending = new AbortController();
  const end = () => ending.abort();
  const deadline = setTimeout(end, seconds * 1000);
  attempt.signal.addEventListener("abort", end);
  const ctx = contextOf(step.name, { ...attempt, signal: ending.signal }, options);
  try {
    attempt.signal.throwIfAborted();
    const body = attempt.run.status === "rolling_back" ? undo(step, ctx) : step.run(ctx);
    // A body that ignores its signal is left behind: its fence refuses whatever it still wants to do.
    return await untilAborted(body, ending.signal);
  } catch (error) {
    if (attempt.signal.aborted) return { kind: "aborted" };
    if (ending.signal.aborted)
      return failure("step_timeout", `The step took longer than ${seconds} s.`, true);
    return failureOf(error);
  } finally {
    clearTimeout(deadline);
    attempt.signal.removeEventListener("abort", end);
  }
}

async function undo<Deps>(step: Step<Deps>, ctx: StepContext<Deps>): Promise<Outcome> {
  await step.undo?.(ctx);
  return { kind: "undone" };
}

function contextOf<Deps>(
  step: string,
  { run, attempt, output, signal }: Attempt,
  { sql, deps }: { sql: Sql; deps: Deps },
): StepContext<Deps> {
  const fence = async (tx: Sql | Tx = sql) => {
    signal.throwIfAborted();
    await tx`select federation.fence(${run.id}, ${run.epoch}, ${step}, ${attempt})`;
  };
  return { deps, run, step, attempt, idempotencyKey: `${run.id}:${step}`, signal, fence, output };
}

function failureOf(error: unknown): Outcome {
  if (error instanceof WaitError) return { kind: "wait", why: error.message, ...error.wait };
  // A commit whose answer was lost may be repeated here, as any step may.
  const unknown = error instanceof FederationError && error.code === "commit_unknown";
  if (error instanceof FederationError)
    return { ...failure(error.code, error.message, error.retryable || unknown), cause: error };
  const message = "The step failed unexpectedly; the log of the worker has the cause.";
  return { ...failure("step_failed", message, true), cause: error };
}

const failure = (code: string, message: string, retryable: boolean): StepFailure => ({
  kind: "error",
  code,
  message,
  retryable,
});
