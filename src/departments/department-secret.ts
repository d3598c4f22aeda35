/**
 * Secrets of a department: what its agent logs in with, what callers of the agent present, its own database login; n8n's
 * API key for it, what callers of its webhooks and of its MCP endpoint present, the prefix of their paths, and digests of
 * what its credentials in n8n were last filled with.
 */
export type DepartmentSecretName =
  | "agent_key"
  | "agent_token"
  | "database_password"
  | "n8n_key"
  | "n8n_hook_token"
  | "n8n_mcp_token"
  | "n8n_path_prefix"
  | "n8n_credentials";

/** Where a secret of a department is sealed. */
export const secretPlace = (departmentId: string, name: DepartmentSecretName) => ({
  departmentId,
  table: "department_secret",
  column: "sealed",
  rowId: `${departmentId}:${name}`,
});
