/** The environment of an agent, by name; the values are put together by the `configure` step. */
export const agentVariableNames = [
  "FEDERATION_URL",
  "FEDERATION_KEY_ID",
  "FEDERATION_KEY_SECRET",
  "DEPARTMENT_ID",
  "DEPARTMENT_NAME",
  "ENABLED_TOOLS",
  "AGENT_TOKEN",
  "RELEASE",
] as const;

export type AgentVariables = Record<(typeof agentVariableNames)[number], string>;
