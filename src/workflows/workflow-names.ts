import type { CredentialKey } from "./rendered-workflow.ts";

export interface Naming {
  environment: string;
  suffix: string;
}

/** What everything of a department in n8n is called by, and nothing else is. */
export const namePrefix = ({ environment, suffix }: Naming) => `fed/${environment}/${suffix}/`;

export const workflowName = (naming: Naming, key: string) => `${namePrefix(naming)}${key}`;

// n8n takes 16 letters at most, and a suffix has 12.
const idTails: Record<CredentialKey, string> = { api: "api", hook: "hok", mcp: "mcp" };

/** The id we choose where n8n lets us, and the name that is unique over the instance. */
export const credentialIdentity = (naming: Naming, key: CredentialKey) => ({
  id: `${naming.suffix}-${idTails[key]}`,
  name: workflowName(naming, key),
});
