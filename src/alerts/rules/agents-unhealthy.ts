import type { AlertRule } from "../rule.ts";

const healthyShareMin = 0.95;
/** Below this one agent would be more than the share; `agent_down` tells of each by itself. */
const agentsMin = 20;

/** Less than 95 % of the agents are healthy. */
export const agentsUnhealthy: AlertRule = {
  name: "agents_unhealthy",
  find({ agents: { count, unhealthy } }) {
    if (count < agentsMin || count - unhealthy >= count * healthyShareMin) return [];
    const summary = `${unhealthy} of ${count} agents are unhealthy; alerted from more than 5 % on. \`fed list\` shows which. See docs/runbooks/agents-down.md.`;
    return [{ severity: "critical", summary }];
  },
};
