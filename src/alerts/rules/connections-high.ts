import type { AlertRule } from "../rule.ts";

const usedShareMax = 0.8;

/** More than 80 % of the connections that the database gives to ordinary roles are in use. */
export const connectionsHigh: AlertRule = {
  name: "connections_high",
  find({ connections: { used, max } }) {
    if (used <= max * usedShareMax) return [];
    const summary = `${used} of ${max} database connections are in use; alerted above 80 %. End what is idle, or raise max_connections. See docs/runbooks/database-down.md.`;
    return [{ severity: "critical", summary }];
  },
};
