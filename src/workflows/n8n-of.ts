import type { Config, N8nConfig } from "../config.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import { instanceOf } from "../n8n-instances/instance-of.ts";
import { createN8nClient } from "../providers/n8n/create-n8n-client.ts";
import type { N8nClient } from "../providers/n8n/n8n.ts";
import { type Call, traceCall } from "../net/trace-call.ts";
import type { Tracer } from "../traces/tracer.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";

export interface N8nAccess {
  client: N8nClient;
  config: Pick<N8nConfig, "webhookUrl" | "federationUrl">;
  /** For its webhooks. */
  fetch?: Call;
}

export interface N8nSource {
  sql: Sql;
  vault: Pick<Vault, "open">;
  config: Readonly<Config>;
  /** The one that departments share. */
  n8n: N8nClient | undefined;
  tracer: Tracer;
}

/** The n8n of a department: the instance it has leased, else the shared one, where one is configured. */
export async function findN8n(source: N8nSource, departmentId: string): Promise<N8nAccess | undefined> {
  const { sql, vault, config, n8n: client, tracer } = source;
  const fetch = traceCall(tracer, "n8n");
  const own = await instanceOf(sql, vault, departmentId);
  if (own) {
    const { webhookUrl } = own;
    return {
      client: createN8nClient({ ...own, fetch }),
      config: { webhookUrl, federationUrl: config.n8nFederationUrl },
      fetch,
    };
  }
  return client && config.n8n ? { client, config: config.n8n, fetch } : undefined;
}

/**
 * As `findN8n`, for a step. Throws retryable `n8n_not_configured` where there is none and the department has something
 * there: what cannot be reached is not called gone.
 */
export async function n8nOf(ctx: JobContext): Promise<N8nAccess | undefined> {
  const { n8n, config, db, vault, tracer } = ctx.deps;
  const { id } = ctx.run.department;
  const found = await findN8n({ sql: db.app, vault, config, n8n, tracer }, id);
  if (found || !(await hasN8nRecords(db.app, id))) return found;
  const message =
    "The department has workflows, and n8n is not configured here: set N8N_BASE_URL and N8N_API_KEY.";
  throw new FederationError("n8n_not_configured", message, { retryable: true });
}

/** Whether it has something in n8n; also what was removed and is not yet known to be absent. */
export async function hasN8nRecords(sql: Sql, departmentId: string): Promise<boolean> {
  const [row] = await sql`select from federation.resource
    where department_id = ${departmentId} and provider = 'n8n' and verified_absent_at is null limit 1`;
  return row !== undefined;
}
