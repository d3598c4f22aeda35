import type { NewCredential } from "../providers/n8n/n8n.ts";
import type { CredentialKey } from "./rendered-workflow.ts";
import type { WorkflowSecrets } from "./read-secrets.ts";
import { credentialIdentity, type Naming } from "./workflow-names.ts";

export const credentialKeys = ["api", "hook", "mcp"] as const satisfies readonly CredentialKey[];

/** The header in which callers of webhooks present their token. */
export const hookHeader = "x-federation-token";

/** A credential as it has to be in n8n. */
export function credentialOf(naming: Naming, key: CredentialKey, secrets: WorkflowSecrets): NewCredential {
  return { ...credentialIdentity(naming, key), ...contents[key](secrets) };
}

const contents: Record<CredentialKey, (secrets: WorkflowSecrets) => Pick<NewCredential, "type" | "data">> = {
  api: ({ key }) => ({ type: "httpBearerAuth", data: { token: key } }),
  hook: ({ hookToken }) => ({ type: "httpHeaderAuth", data: { name: hookHeader, value: hookToken } }),
  mcp: ({ mcpToken }) => ({ type: "httpBearerAuth", data: { token: mcpToken } }),
};
