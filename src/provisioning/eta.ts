import type { Plan, PlannedStep } from "./plans.ts";
import type { StepStatus } from "./run.ts";

/** What is known of a step: its state, the seconds it has run, and until when it waits. */
export interface StepTime {
  status: StepStatus;
  elapsedSeconds: number;
  waitSeconds: number;
}

const secondsWithoutHistory = 0.5;

/** Seconds until the last step is expected to end: the longest way through what is left, by median durations. */
export function etaSeconds(
  plan: Plan,
  times: ReadonlyMap<string, StepTime>,
  median: ReadonlyMap<string, number>,
): number {
  const until = new Map<string, number>();
  for (const step of plan.steps) {
    const left = secondsLeft(step, times.get(step.name), expectedSeconds(step, median));
    until.set(step.name, left + Math.max(0, ...step.needs.map((need) => until.get(need) ?? 0)));
  }
  return Math.max(0, ...until.values());
}

/** 0..100 by expected duration, so that a long step counts for what it is. */
export function percentDone(
  plan: Plan,
  times: ReadonlyMap<string, StepTime>,
  median: ReadonlyMap<string, number>,
): number {
  const sum = (steps: readonly PlannedStep[]) =>
    steps.reduce((seconds, step) => seconds + expectedSeconds(step, median), 0);
  const over = plan.steps.filter((step) => ["done", "skipped"].includes(times.get(step.name)?.status ?? ""));
  if (over.length === plan.steps.length) return 100;
  const total = sum(plan.steps);
  return total === 0 ? 0 : Math.floor((100 * sum(over)) / total);
}

function expectedSeconds(step: PlannedStep, median: ReadonlyMap<string, number>): number {
  return step.idle ? 0 : (median.get(step.name) ?? secondsWithoutHistory);
}

function secondsLeft(step: PlannedStep, time: StepTime | undefined, expected: number): number {
  if (!time || time.status === "pending") return expected;
  if (time.status === "waiting") return time.waitSeconds + (step.idle ? 0 : expected);
  return time.status === "running" ? Math.max(0, expected - time.elapsedSeconds) : 0;
}
