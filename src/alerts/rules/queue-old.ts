import { minutesOf } from "../minutes-of.ts";
import type { AlertRule } from "../rule.ts";

const ageSecondsMax = 600;

/** The oldest run or job that is due waits for more than ten minutes. */
export const queueOld: AlertRule = {
  name: "queue_old",
  find({ oldestDue }) {
    if (!oldestDue || oldestDue.ageSeconds <= ageSecondsMax) return [];
    const { queue, ageSeconds } = oldestDue;
    const summary = `The oldest of queue ${queue} is due for ${minutesOf(ageSeconds)}; alerted above 10 min. Are workers running? See docs/runbooks/queue-stuck.md.`;
    return [{ severity: "critical", summary }];
  },
};
