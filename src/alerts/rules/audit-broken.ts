import type { AlertRule } from "../rule.ts";

/** The last verification of the whole audit found something. */
export const auditBroken: AlertRule = {
  name: "audit_broken",
  find({ audit: { problems } }) {
    if (problems === 0) return [];
    const summary = `The last verification of the audit found ${problems} problem${problems === 1 ? "" : "s"}; there must be none. \`fed audit verify\` names them, and closes this alert once there is none. See docs/runbooks/audit-chain-broken.md.`;
    return [{ severity: "critical", summary }];
  },
};
