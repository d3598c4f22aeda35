import { N8nError } from "../providers/n8n/n8n-error.ts";
import type { N8nClient, NewCredential, RemoteCredential } from "../providers/n8n/n8n.ts";
import { insertResource } from "../provisioning/resources.ts";
import { stepTx } from "../provisioning/step-tx.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
import { credentialOf } from "./credential-data.ts";
import { type CredentialDigests, digestOf, readDigests, sealDigests } from "./credential-digests.ts";
import { type N8nRecord, readRecords } from "./read-records.ts";
import type { WorkflowSecrets } from "./read-secrets.ts";
import type { CredentialKey, WorkflowContext } from "./rendered-workflow.ts";

interface Known {
  listed: RemoteCredential[];
  records: N8nRecord[];
  digests: CredentialDigests;
}

/**
 * The department's three credentials in n8n, each there once and filled with the present secrets. Written only where that
 * is not known to be so; `rewrite` writes them in any case.
 */
export async function ensureCredentials(
  ctx: JobContext,
  client: N8nClient,
  secrets: WorkflowSecrets,
  { rewrite = false } = {},
): Promise<WorkflowContext["credentials"]> {
  const naming = { environment: ctx.deps.config.environment, suffix: ctx.run.department.suffix };
  const known = {
    listed: await client.listCredentials(ctx.signal),
    records: await readRecords(ctx.deps.db.app, ctx.run.department.id),
    digests: rewrite ? {} : await readDigests(ctx),
  };
  const ensure = async (key: CredentialKey) => {
    const wanted = credentialOf(naming, key, secrets);
    return { id: await ensureCredential(ctx, client, key, wanted, known), name: wanted.name };
  };
  return { api: await ensure("api"), hook: await ensure("hook"), mcp: await ensure("mcp") };
}

async function ensureCredential(
  ctx: JobContext,
  client: N8nClient,
  key: CredentialKey,
  wanted: NewCredential,
  known: Known,
): Promise<string> {
  const recorded = known.records.filter(
    (record) => record.kind === "credential" && record.name === wanted.name,
  );
  const recordedIds = new Set(recorded.map((record) => record.id));
  const [mine, ...twins] = candidates(wanted, known.listed, recordedIds);
  const id = mine?.id ?? (await create(ctx, client, wanted));
  const digest = digestOf(id, wanted);
  const isRight = mine?.name === wanted.name && mine.type === wanted.type && known.digests[key] === digest;
  if (mine && !isRight) await update(ctx, client, id, wanted);
  if (!isRight || !recordedIds.has(id)) {
    known.digests[key] = digest;
    await writeDown(ctx, { externalId: id, name: wanted.name }, known.digests);
  }
  for (const twin of twins) {
    await ctx.fence();
    await client.deleteCredential(twin.id, ctx.signal);
  }
  return id;
}

/** Those that can only be this one: what is recorded first, then what has our id, then what has its name. */
function candidates(wanted: NewCredential, listed: RemoteCredential[], recordedIds: ReadonlySet<string>) {
  const rank = ({ id }: RemoteCredential) => (recordedIds.has(id) ? 0 : id === wanted.id ? 1 : 2);
  return listed
    .filter(({ id, name }) => recordedIds.has(id) || id === wanted.id || name === wanted.name)
    .toSorted((a, b) => rank(a) - rank(b));
}

async function create(ctx: JobContext, client: N8nClient, wanted: NewCredential): Promise<string> {
  await ctx.fence();
  try {
    return (await client.createCredential(wanted, ctx.signal)).id;
  } catch (error) {
    // Made meanwhile by a call whose answer was lost; nobody else has this id.
    if (!(error instanceof N8nError && error.kind === "exists")) throw error;
    await update(ctx, client, wanted.id, wanted);
    return wanted.id;
  }
}

async function update(ctx: JobContext, client: N8nClient, id: string, { name, type, data }: NewCredential) {
  await ctx.fence();
  await client.updateCredential(id, { name, type, data }, ctx.signal);
}

async function writeDown(
  ctx: JobContext,
  { externalId, name }: { externalId: string; name: string },
  digests: CredentialDigests,
): Promise<void> {
  const resource = { provider: "n8n", kind: "credential", externalId, name };
  const keep = await sealDigests(ctx, digests);
  await stepTx(ctx, ctx.deps.db.app, async (tx, record) => {
    await keep(tx);
    const { count } = await insertResource(ctx, tx, resource);
    if (count > 0) record({ action: "resource.create", meta: resource });
  });
}
