/**
 * A department's workflows in n8n as its definition says, proven by calling them. What must stay true: there is exactly one
 * of everything, whatever was lost or killed on the way, because everything is found before it is made: by its recorded id,
 * else by its unguessable name. Nothing is written where nothing differs. Each id is written down before it is relied on.
 */
import { readDefinition } from "../departments/config/read-definition.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
import { ensureCredentials } from "./ensure-credentials.ts";
import { ensureWorkflowSecrets } from "./ensure-secrets.ts";
import { ensureWorkflow } from "./ensure-workflow.ts";
import type { N8nAccess } from "./n8n-of.ts";
import { proveWorkflows, type Published } from "./prove-workflows.ts";
import { readRecords } from "./read-records.ts";
import { removeUnwanted } from "./remove-unwanted.ts";
import { renderDepartment } from "./render-department.ts";

export interface EnsuredWorkflows {
  /** n8n's id by key, in the order of creation. */
  workflows: Record<string, string>;
}

/** n8n looks for what to publish every 15 s at the latest. */
const patienceMsDefault = 16_000;

/** Makes, repairs and proves them, and removes what is no longer wanted. Repeated it changes nothing. */
export async function ensureWorkflows(
  ctx: JobContext,
  { client, config, fetch }: N8nAccess,
  { patienceMs = patienceMsDefault } = {},
): Promise<EnsuredWorkflows> {
  const { department } = ctx.run;
  const { db } = ctx.deps;
  const secrets = await ensureWorkflowSecrets(ctx);
  const credentials = await ensureCredentials(ctx, client, secrets);
  const records = await readRecords(db.app, department.id);
  const published: Published[] = [];
  const context = {
    environment: ctx.deps.config.environment,
    department,
    federationUrl: config.federationUrl,
    pathPrefix: secrets.pathPrefix,
    credentials,
    enabledTools: (await readDefinition(db.app, department.id)).enabled_tools,
  };
  await renderDepartment(context, async (workflow) => {
    const id = await ensureWorkflow(ctx, client, workflow.definition, records);
    published.push({ id, workflow });
    return id;
  });
  await removeUnwanted(ctx, client, [
    ...published.map(({ id }) => id),
    ...Object.values(credentials).map(({ id }) => id),
  ]);
  const { webhookUrl } = config;
  const prover = { webhookUrl, departmentId: department.id, secrets, signal: ctx.signal, fetch };
  const rewriteCredentials = () => ensureCredentials(ctx, client, secrets, { rewrite: true });
  await proveWorkflows(ctx, client, published, { prover, rewriteCredentials, patienceMs });
  return { workflows: Object.fromEntries(published.map(({ id, workflow }) => [workflow.key, id])) };
}
