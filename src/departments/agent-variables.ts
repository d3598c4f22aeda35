import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";

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
