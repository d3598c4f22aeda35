import type { Plan } from "./plans.ts";
import type { StepStatus } from "./run.ts";

const secondsWithoutHistory = 0.5;

/** Seconds until the last step is expected to end: the longest way through what is left, by median durations. */
export function etaSeconds(
  plan: Plan,
  status: ReadonlyMap<string, StepStatus>,
  median: ReadonlyMap<string, number>,
): number {
  const until = new Map<string, number>();
  for (const step of plan.steps) {
    const state = status.get(step.name) ?? "pending";
    const own =
      state === "done" || state === "skipped" ? 0 : (median.get(step.name) ?? secondsWithoutHistory);
    until.set(step.name, own + Math.max(0, ...step.needs.map((need) => until.get(need) ?? 0)));
  }
  return Math.max(0, ...until.values());
}

/** 0..100 by expected duration, so that a long step counts for what it is. */
export function percentDone(
  plan: Plan,
  status: ReadonlyMap<string, StepStatus>,
  median: ReadonlyMap<string, number>,
): number {
  const weigh = (name: string) => median.get(name) ?? secondsWithoutHistory;
  const total = plan.steps.reduce((sum, step) => sum + weigh(step.name), 0);
  const over = plan.steps.filter((step) => ["done", "skipped"].includes(status.get(step.name) ?? ""));
  return Math.floor((100 * over.reduce((sum, step) => sum + weigh(step.name), 0)) / total);
}
