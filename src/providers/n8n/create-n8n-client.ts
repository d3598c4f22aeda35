import { createCredentialCalls } from "./create-credential-calls.ts";
import { createRequest, defaultTimeoutMs, type RequestOptions } from "./create-request.ts";
import { createWorkflowCalls } from "./create-workflow-calls.ts";
import type { N8nClient } from "./n8n.ts";

export type N8nClientOptions = RequestOptions;

/** Connects to nothing yet; which n8n it is shows at the first call that differs. */
export function createN8nClient(options: N8nClientOptions): N8nClient {
  const request = createRequest(options);
  return {
    ...createWorkflowCalls(request, options.timeoutMs ?? defaultTimeoutMs),
    ...createCredentialCalls(request),
  };
}
