import { markDeleted } from "../provisioning/resources.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
import { findInN8n } from "./find-in-n8n.ts";
import { n8nOf } from "./n8n-of.ts";
import { readRecords } from "./read-records.ts";

export interface RemovedWorkflows {
  workflows: number;
  credentials: number;
}

/**
 * Removes everything of the department from n8n: what is recorded, and what bears its name. Undefined where n8n is not
 * configured and the department never had anything there. Throws retryable `n8n_not_configured` where it had.
 */
export async function removeDepartmentWorkflows(ctx: JobContext): Promise<RemovedWorkflows | undefined> {
  const n8n = await n8nOf(ctx);
  if (!n8n) return undefined;
  const { client } = n8n;
  const naming = { environment: ctx.deps.config.environment, suffix: ctx.run.department.suffix };
  const records = await readRecords(ctx.deps.db.app, ctx.run.department.id);
  const found = await findInN8n(client, naming, ctx.signal);
  const idsOf = (kind: "workflow" | "credential", named: { id: string }[]) =>
    new Set([...records.filter((record) => record.kind === kind), ...named].map(({ id }) => id));
  const workflows = idsOf("workflow", found.workflows);
  const credentials = idsOf("credential", found.credentials);
  for (const id of workflows) {
    await ctx.fence();
    await client.deleteWorkflow(id, ctx.signal);
  }
  for (const id of credentials) {
    await ctx.fence();
    await client.deleteCredential(id, ctx.signal);
  }
  await markDeleted(ctx, "n8n", ["workflow", "credential"]);
  return { workflows: workflows.size, credentials: credentials.size };
}
