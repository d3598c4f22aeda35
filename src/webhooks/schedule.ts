/** Seconds before each attempt, the first one at once (Standard Webhooks, "retry schedule"): 75.6 h in all. */
const minute = 60;
const hour = 3600;
export const retrySchedule: readonly number[] = [
  ...[0, 5, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour],
];

/** How much later than planned a retry may come, so that what failed together does not return together. */
const jitter = 0.1;

/** Seconds until the attempt after this one (the first is 1); undefined when it was the last. `random` is 0..1. */
export function secondsUntilRetry(attempt: number, random: number): number | undefined {
  const seconds = retrySchedule[attempt];
  return seconds === undefined ? undefined : seconds * (1 + jitter * random);
}
