import type { N8nClient, RemoteCredential, RemoteWorkflow } from "../providers/n8n/n8n.ts";
import { namePrefix, type Naming } from "./workflow-names.ts";

/** Everything in n8n that is called as a department's things are, recorded or not. */
export async function findInN8n(
  client: N8nClient,
  naming: Naming,
  signal: AbortSignal,
): Promise<{ workflows: RemoteWorkflow[]; credentials: RemoteCredential[] }> {
  const prefix = namePrefix(naming);
  const workflows = await client.listWorkflows(signal);
  const credentials = await client.listCredentials(signal);
  const isOurs = ({ name }: { name: string }) => name.startsWith(prefix);
  return { workflows: workflows.filter(isOurs), credentials: credentials.filter(isOurs) };
}
