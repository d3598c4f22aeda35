import { minutesOf } from "../minutes-of.ts";
import type { AlertRule } from "../rule.ts";

const quietSecondsMax = 1800;

/** A run is carried by a worker and no step of it began or ended for 30 minutes. */
export const runStuck: AlertRule = {
  name: "run_stuck",
  find: ({ quietRuns }) =>
    quietRuns
      .filter(({ quietSeconds }) => quietSeconds > quietSecondsMax)
      .map(({ id, departmentId, department, kind, quietSeconds }) => ({
        subject: id,
        departmentId,
        severity: "warning",
        summary: `The ${kind} of ${department} runs without a change for ${minutesOf(quietSeconds)}; alerted above 30 min. \`fed status ${id}\` shows where. See docs/runbooks/queue-stuck.md.`,
      })),
};
