import { minutesOf } from "../minutes-of.ts";
import type { AlertRule } from "../rule.ts";

const unsealedSecondsMax = 600;

/** An event of the audit is older than ten minutes and no checkpoint covers it. */
export const auditUnsealed: AlertRule = {
  name: "audit_unsealed",
  find({ audit: { unsealedSeconds } }) {
    if (unsealedSeconds <= unsealedSecondsMax) return [];
    const summary = `No checkpoint covers what the audit recorded ${minutesOf(unsealedSeconds)} ago; alerted above 10 min. Can a worker write to AUDIT_ANCHOR? See docs/runbooks/audit-chain-broken.md.`;
    return [{ severity: "critical", summary }];
  },
};
