import { expect, test } from "bun:test";
import { retrySchedule, secondsUntilRetry } from "../../src/webhooks/schedule.ts";

test("ten attempts spread over at least 75 hours, whatever the jitter", () => {
  for (const random of [0, 0.5, 0.999]) {
    let seconds = 0;
    let attempts = 0;
    for (let next: number | undefined = 0; next !== undefined; next = secondsUntilRetry(attempts, random)) {
      seconds += next;
      attempts += 1;
    }
    expect(attempts).toBe(retrySchedule.length);
    expect(seconds).toBeGreaterThanOrEqual(75 * 3600);
    expect(seconds).toBeLessThan(84 * 3600);
  }
});
