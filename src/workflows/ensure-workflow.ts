import { N8nError } from "../providers/n8n/n8n-error.ts";
import type { N8nClient, RemoteWorkflow, WorkflowDefinition } from "../providers/n8n/n8n.ts";
import { FederationError } from "../errors.ts";
import { recordResources } from "../provisioning/resources.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
import { differencesOf } from "./differences.ts";
import type { N8nRecord } from "./read-records.ts";

/**
 * One workflow in n8n as it is defined, once, published: what is recorded, else what has its name, else a new one. Its id is
 * written down before it is filled or published. Throws `n8n_credentials_rebound` and `n8n_workflow_differs`. That its
 * triggers answer is another matter: see proveWorkflows.
 */
export async function ensureWorkflow(
  ctx: JobContext,
  client: N8nClient,
  definition: WorkflowDefinition,
  records: readonly N8nRecord[],
): Promise<string> {
  const { name } = definition;
  const recordedIds = records
    .filter((record) => record.kind === "workflow" && record.name === name)
    .map((record) => record.id);
  const found = await findAll(ctx, client, name, recordedIds);
  const mine = found.find((workflow) => !workflow.isArchived);
  let live = mine ?? (await create(ctx, client, definition));
  const { id } = live;
  if (!recordedIds.includes(id)) {
    await recordResources(ctx, [{ provider: "n8n", kind: "workflow", externalId: id, name }]);
  }
  for (const twin of found.filter((workflow) => workflow.id !== id)) {
    await ctx.fence();
    await client.deleteWorkflow(twin.id, ctx.signal);
  }
  if (differencesOf(definition, live).length > 0) live = await update(ctx, client, id, definition);
  await expectSame(ctx, client, definition, live);
  if (!live.active || live.hasUnpublishedChanges) await publish(ctx, client, id);
  await expectSame(ctx, client, definition, await readBack(ctx, client, id));
  return id;
}

async function findAll(ctx: JobContext, client: N8nClient, name: string, recordedIds: readonly string[]) {
  const named = await client.listWorkflows(ctx.signal, { name });
  const found: RemoteWorkflow[] = [];
  for (const id of recordedIds) {
    const one = named.find((workflow) => workflow.id === id) ?? (await client.getWorkflow(id, ctx.signal));
    if (one) found.push(one);
  }
  return [...found, ...named.filter((workflow) => !recordedIds.includes(workflow.id))];
}

async function create(ctx: JobContext, client: N8nClient, definition: WorkflowDefinition) {
  await ctx.fence();
  return client.createWorkflow(definition, ctx.signal);
}

/** A path that is taken is kept as a draft; whether it comes to live shows when it is called. */
async function update(ctx: JobContext, client: N8nClient, id: string, definition: WorkflowDefinition) {
  await ctx.fence();
  try {
    return await client.updateWorkflow(id, definition, ctx.signal);
  } catch (error) {
    if (!isPathConflict(error)) throw error;
    return readBack(ctx, client, id);
  }
}

async function publish(ctx: JobContext, client: N8nClient, id: string): Promise<void> {
  await ctx.fence();
  await client.publishWorkflow(id, ctx.signal).catch((error: unknown) => {
    if (!isPathConflict(error)) throw error;
  });
}

const isPathConflict = (error: unknown) => error instanceof N8nError && error.kind === "path_conflict";

async function readBack(ctx: JobContext, client: N8nClient, id: string): Promise<RemoteWorkflow> {
  const workflow = await client.getWorkflow(id, ctx.signal);
  if (workflow) return workflow;
  throw new FederationError("n8n_workflow_gone", "n8n no longer has a workflow it has just made.", {
    retryable: true,
  });
}

/** n8n gives a node whose credential it does not know another one of the same name, and says nothing. */
async function expectSame(
  ctx: JobContext,
  client: N8nClient,
  definition: WorkflowDefinition,
  live: RemoteWorkflow,
): Promise<void> {
  const differences = differencesOf(definition, live);
  if (differences.length === 0) return;
  const rebound = differences.find(({ path }) => path.includes(".credentials."));
  if (!rebound) {
    const message = `n8n does not keep the workflow ${definition.name} as it is sent: ${differences[0]?.path}.`;
    throw new FederationError("n8n_workflow_differs", message);
  }
  await ctx.fence();
  await client.unpublishWorkflow(live.id, ctx.signal);
  const message = `n8n bound another credential in ${definition.name}: ${rebound.path}. It is unpublished.`;
  throw new FederationError("n8n_credentials_rebound", message, { retryable: true });
}
