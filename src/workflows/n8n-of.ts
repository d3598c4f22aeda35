import type { N8nConfig } from "../config.ts";
import type { Sql } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { N8nClient } from "../providers/n8n/n8n.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";

export interface N8nAccess {
  client: N8nClient;
  config: N8nConfig;
}

/**
 * n8n as it is configured here; undefined where it is not and the department has nothing there. Throws retryable
 * `n8n_not_configured` where it has: what cannot be reached is not called gone.
 */
export async function n8nOf(ctx: JobContext): Promise<N8nAccess | undefined> {
  const { n8n: client, config, db } = ctx.deps;
  if (client && config.n8n) return { client, config: config.n8n };
  if (!(await hasRecords(db.app, ctx.run.department.id))) return undefined;
  const message =
    "The department has workflows, and n8n is not configured here: set N8N_BASE_URL and N8N_API_KEY.";
  throw new FederationError("n8n_not_configured", message, { retryable: true });
}

/** Also of what was removed and is not yet known to be absent. */
async function hasRecords(sql: Sql, departmentId: string): Promise<boolean> {
  const [row] = await sql`select from federation.resource
    where department_id = ${departmentId} and provider = 'n8n' and verified_absent_at is null limit 1`;
  return row !== undefined;
}
