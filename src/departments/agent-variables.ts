import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";

/** The environment of every agent, by name; the values are put together by the `configure` step. */
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

/** Set only where the department has workflows, voice or wishes of its own. */
export const optionalVariableNames = [
  ...(["MCP_URL", "MCP_TOKEN"] as const),
  ...(["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "LIVEKIT_AGENT_NAME"] as const),
  ...(["DEEPGRAM_API_KEY", "CARTESIA_API_KEY"] as const),
  ...(["LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL"] as const),
  ...(["AGENT_LANGUAGE", "AGENT_VOICE", "AGENT_GREETING"] as const),
] as const;

export const secretVariableNames = [
  "FEDERATION_KEY_SECRET",
  "AGENT_TOKEN",
  "MCP_TOKEN",
  "LIVEKIT_API_SECRET",
  "DEEPGRAM_API_KEY",
  "CARTESIA_API_KEY",
  "LLM_API_KEY",
] as const satisfies readonly (keyof AgentVariables)[];

export type AgentVariables = Record<(typeof agentVariableNames)[number], string> &
  Partial<Record<(typeof optionalVariableNames)[number], string>>;

const variables = z.record(z.string(), z.string());

/** A local agent's whole environment as one sealed text, bound to its row. */
export function agentVariables(vault: Vault) {
  const place = (departmentId: string) => ({
    departmentId,
    table: "local_agent",
    column: "variables_sealed",
    rowId: departmentId,
  });
  return {
    seal: (departmentId: string, values: Record<string, string>) =>
      vault.seal(place(departmentId), JSON.stringify(values)),
    open: async (departmentId: string, sealed: string) =>
      variables.parse(JSON.parse(await vault.open(place(departmentId), sealed))),
  };
}
