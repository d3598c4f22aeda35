import type { Tx } from "../db/tx.ts";
import type { JsonObject } from "../json.ts";
import type { Plan, PlannedStep } from "./plans.ts";
import type { ClaimedRun } from "./run.ts";

/** What a step reports when nothing went wrong. Errors are thrown: a FederationError says whether to retry. */
export type StepResult =
  | { kind: "done"; output: JsonObject }
  | { kind: "wait"; seconds: number; why: string; inLine?: boolean }
  | { kind: "skip"; reason: string };

export const done = (output: JsonObject = {}): StepResult => ({ kind: "done", output });
export const wait = (seconds: number, why: string): StepResult => ({ kind: "wait", seconds, why });
export const skip = (reason: string): StepResult => ({ kind: "skip", reason });

/**
 * What a step is given. `fence` throws when another worker took the run over: call it right before an effect, or as
 * the last statement of a transaction that is one.
 */
export interface StepContext<Deps> {
  deps: Deps;
  run: ClaimedRun;
  step: string;
  attempt: number;
  /** Stable over retries and takeovers: given to providers. */
  idempotencyKey: string;
  signal: AbortSignal;
  fence(tx?: Tx): Promise<void>;
  /** Output of a step that is done, or undefined. */
  output(step: string): JsonObject | undefined;
}

/** What a step does and how it is taken back; lives in jobs/steps/<name>.ts. */
export interface StepBody<Deps> {
  run(ctx: StepContext<Deps>): Promise<StepResult>;
  /** Takes back what `run` may have done, also after half of it; "already gone" is success. */
  undo?(ctx: StepContext<Deps>): Promise<void>;
  /** Default 60. */
  deadlineSeconds?: number;
  /** Retryable failures before the run is parked. Default 5. */
  failuresMax?: number;
}

export interface Step<Deps> extends StepBody<Deps>, PlannedStep {}

export interface Graph<Deps> extends Plan {
  steps: readonly Step<Deps>[];
}

/** Gives every step of a plan its body. Throws when names repeat or a step stands before its need. */
export function bindGraph<Deps, Name extends string>(
  plan: Plan<Name>,
  bodies: Record<Name, StepBody<Deps>>,
): Graph<Deps> {
  const seen = new Set<string>();
  const steps = plan.steps.map((step) => {
    const missing = step.needs.find((need) => !seen.has(need));
    if (seen.has(step.name) || missing !== undefined) {
      throw new Error(`step ${step.name} is listed twice or before its need ${missing ?? ""}`);
    }
    seen.add(step.name);
    return { ...step, ...bodies[step.name] };
  });
  return { ...plan, steps };
}
