import { FederationError } from "../errors.ts";
import { N8nError } from "../providers/n8n/n8n-error.ts";
import type { N8nClient } from "../providers/n8n/n8n.ts";

// No workflow is called so: what is asked is whether we may ask.
const nobodysName = "fed/preflight";

/**
 * n8n answers, and takes our key for workflows and credentials. Throws retryable `n8n_unreachable`, and `n8n_unauthorized`
 * for a key that is wrong or lacks a scope.
 */
export async function checkN8nAccess(client: N8nClient, signal: AbortSignal): Promise<void> {
  try {
    await client.listWorkflows(signal, { name: nobodysName });
    await client.listCredentials(signal);
  } catch (error) {
    if (!(error instanceof N8nError) || error.kind !== "unavailable") throw error;
    throw new FederationError("n8n_unreachable", error.message, {
      status: 503,
      retryable: true,
      cause: error,
    });
  }
}
