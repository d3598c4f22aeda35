import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { type DepartmentSecretName, secretPlace } from "../departments/department-secret.ts";

export interface WorkflowSecrets {
  /** The department's API key for its workflows. */
  key: string;
  /** What callers of webhooks present. */
  hookToken: string;
  /** What callers of the MCP endpoint present. */
  mcpToken: string;
  pathPrefix: string;
}

/** The secrets behind a department's workflows; undefined where it has none. */
export async function readWorkflowSecrets(
  { sql, vault }: { sql: Sql; vault: Vault },
  departmentId: string,
): Promise<WorkflowSecrets | undefined> {
  const rows = await sql<{ name: DepartmentSecretName; sealed: string }[]>`
    select name, sealed from federation.department_secret where department_id = ${departmentId}`;
  const open = async (name: DepartmentSecretName) => {
    const sealed = rows.find((row) => row.name === name)?.sealed;
    return sealed === undefined ? undefined : await vault.open(secretPlace(departmentId, name), sealed);
  };
  const key = await open("n8n_key");
  const hookToken = await open("n8n_hook_token");
  const mcpToken = await open("n8n_mcp_token");
  const pathPrefix = await open("n8n_path_prefix");
  if (key === undefined || hookToken === undefined) return undefined;
  if (mcpToken === undefined || pathPrefix === undefined) return undefined;
  return { key, hookToken, mcpToken, pathPrefix };
}
