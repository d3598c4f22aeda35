import type { AlertRule } from "./rule.ts";
import { agentsUnhealthy } from "./rules/agents-unhealthy.ts";
import { auditBroken } from "./rules/audit-broken.ts";
import { auditUnsealed } from "./rules/audit-unsealed.ts";
import { connectionsHigh } from "./rules/connections-high.ts";
import { keyExpiring } from "./rules/key-expiring.ts";
import { providerBlocked } from "./rules/provider-blocked.ts";
import { queueOld } from "./rules/queue-old.ts";
import { refreshesFailing } from "./rules/refreshes-failing.ts";
import { runStuck } from "./rules/run-stuck.ts";
import { webhookOff } from "./rules/webhook-off.ts";

/** Every rule. `agent_down`, `rollout_stopped` and `drift` are raised where they are noticed. */
export const alertRules: readonly AlertRule[] = [
  agentsUnhealthy,
  queueOld,
  runStuck,
  refreshesFailing,
  connectionsHigh,
  auditBroken,
  auditUnsealed,
  webhookOff,
  keyExpiring,
  providerBlocked,
];
