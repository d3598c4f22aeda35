/** What new departments run: the agent template beside this code. Releases of their own come with rollouts. */
export const agentRelease = "agent-1";
