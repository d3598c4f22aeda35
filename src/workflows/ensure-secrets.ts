import { randomToken } from "../crypto/random-token.ts";
import { ensureClient } from "../departments/ensure-client.ts";
import { randomLetters } from "../departments/suffix.ts";
import { FederationError } from "../errors.ts";
import { workflowScopes } from "../members/scopes.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
import { readWorkflowSecrets, type WorkflowSecrets } from "./read-secrets.ts";

/** 140 bits. */
const prefixLetters = 28;

/** The secrets behind the department's workflows, made once; new ones after they were revoked. */
export async function ensureWorkflowSecrets(ctx: JobContext): Promise<WorkflowSecrets> {
  await ensureClient(ctx, {
    name: "n8n",
    scopes: workflowScopes,
    keySecret: "n8n_key",
    makeSecrets: () => [
      { name: "n8n_hook_token", text: randomToken() },
      { name: "n8n_mcp_token", text: randomToken() },
      { name: "n8n_path_prefix", text: randomLetters(prefixLetters) },
    ],
  });
  const { db, vault } = ctx.deps;
  const secrets = await readWorkflowSecrets({ sql: db.app, vault }, ctx.run.department.id);
  if (secrets) return secrets;
  throw new FederationError("secret_missing", "The department's workflow secrets were revoked meanwhile.", {
    retryable: true,
  });
}
