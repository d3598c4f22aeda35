import type { Plan, PlannedStep } from "./plans.ts";
import type { StepStatus } from "./run.ts";

/** What is known of a step: its state, the seconds it has worked, and until when it waits. */
export interface StepTime {
  status: StepStatus;
  workedSeconds: number;
  waitSeconds: number;
  /** It waits for its turn, and its work comes after that. */
  isInLine: boolean;
}

/** Seconds of work that a step is expected to take. */
export type ExpectedSeconds = (step: PlannedStep) => number;

const secondsWithoutHistory = 0.5;

/** Before there is a history: what Railway itself takes to deploy an image (its health check included). */
const firstSeconds: Record<string, Record<string, number>> = {
  railway: { deploy: 180, "update-agent": 180, "move-deploy": 180 },
};

/** By the medians of the last runs on this host. */
export function expectedSeconds(host: string, median: ReadonlyMap<string, number>): ExpectedSeconds {
  return ({ name, idle }) =>
    idle ? 0 : (median.get(name) ?? firstSeconds[host]?.[name] ?? secondsWithoutHistory);
}

/** Seconds until the last step is expected to end: the longest way through what is left. */
export function etaSeconds(
  plan: Plan,
  times: ReadonlyMap<string, StepTime>,
  expected: ExpectedSeconds,
): number {
  const until = new Map<string, number>();
  for (const step of plan.steps) {
    const left = secondsLeft(step, times.get(step.name), expected(step));
    until.set(step.name, left + Math.max(0, ...step.needs.map((need) => until.get(need) ?? 0)));
  }
  return Math.max(0, ...until.values());
}

/** 0..100 by expected duration, so that a long step counts for what it is. */
export function percentDone(
  plan: Plan,
  times: ReadonlyMap<string, StepTime>,
  expected: ExpectedSeconds,
): number {
  const sum = (steps: readonly PlannedStep[]) => steps.reduce((seconds, step) => seconds + expected(step), 0);
  const over = plan.steps.filter((step) => ["done", "skipped"].includes(times.get(step.name)?.status ?? ""));
  if (over.length === plan.steps.length) return 100;
  const total = sum(plan.steps);
  return total === 0 ? 0 : Math.floor((100 * sum(over)) / total);
}

function secondsLeft(step: PlannedStep, time: StepTime | undefined, expected: number): number {
  if (!time || time.status === "pending") return expected;
  const work = Math.max(0, expected - time.workedSeconds);
  if (time.status === "waiting") {
    if (step.idle) return time.waitSeconds;
    return time.isInLine ? time.waitSeconds + work : Math.max(time.waitSeconds, work);
  }
  return time.status === "running" ? work : 0;
}
