import { FederationError } from "../errors.ts";
import { N8nError } from "../providers/n8n/n8n-error.ts";
import type { N8nClient } from "../providers/n8n/n8n.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
import { findForeign, type ForeignWorkflow } from "./find-foreign.ts";
import { type Proof, proveWorkflow, type Prover } from "./prove-workflow.ts";
import type { RenderedWorkflow } from "./rendered-workflow.ts";

export interface Published {
  id: string;
  workflow: RenderedWorkflow;
}

interface Unproven extends Published {
  proof: Proof;
}

export interface ProveOptions {
  prover: Prover;
  /** Called once when a token is not taken: somebody changed a credential by hand. */
  rewriteCredentials(): Promise<unknown>;
  /** For each of the two tries. */
  patienceMs: number;
}

/**
 * Every workflow answers at its path as itself. What does not is published anew once, as n8n loses a publication silently.
 * Throws `n8n_path_conflict` where somebody else has the path, and retryable `n8n_not_published`, `n8n_unreachable` or
 * `n8n_workflow_fails`.
 */
export async function proveWorkflows(
  ctx: JobContext,
  client: N8nClient,
  published: readonly Published[],
  options: ProveOptions,
): Promise<void> {
  const first = await findUnproven(published, options);
  if (first.length === 0) return;
  if (first.some(({ proof }) => proof.state === "refused")) await options.rewriteCredentials();
  for (const { id, workflow, proof } of first) {
    ctx.deps.log.warn({ workflow: id, key: workflow.key, state: proof.state }, "publishing a workflow again");
    await publishAgain(ctx, client, id);
  }
  const [still] = await findUnproven(first, options);
  if (!still) return;
  const own = new Set(published.map(({ id }) => id));
  const { pathPrefix } = options.prover.secrets;
  const others = findForeign(await client.listWorkflows(ctx.signal), pathPrefix, own);
  throw errorOf(
    still,
    others.find(({ path }) => `${pathPrefix}/${path}` === still.workflow.entry.path),
  );
}

async function findUnproven(
  published: readonly Published[],
  { prover, patienceMs }: ProveOptions,
): Promise<Unproven[]> {
  const proven = await Promise.all(
    published.map(async ({ id, workflow }) => ({
      id,
      workflow,
      proof: await proveWorkflow(prover, workflow, patienceMs),
    })),
  );
  return proven.filter(({ proof }) => proof.state !== "live");
}

async function publishAgain(ctx: JobContext, client: N8nClient, id: string): Promise<void> {
  await ctx.fence();
  await client.unpublishWorkflow(id, ctx.signal);
  await ctx.fence();
  try {
    await client.publishWorkflow(id, ctx.signal);
  } catch (error) {
    // Says so when it is called as well.
    if (!(error instanceof N8nError && error.kind === "path_conflict")) throw error;
  }
}

/** A silent path proves nothing by itself: n8n may be slow. */
function errorOf({ workflow, proof }: Unproven, other: ForeignWorkflow | undefined): FederationError {
  const { name } = workflow.definition;
  if (other || proof.state === "foreign" || proof.state === "refused") {
    const who = other ? `workflow ${other.id}` : "somebody else";
    const message = `The path ${workflow.entry.path} of ${name} is taken: in n8n ${who} listens there.`;
    return new FederationError("n8n_path_conflict", message);
  }
  if (proof.state === "unreachable") {
    const message = `n8n does not answer at the address of its webhooks (${name}).`;
    return new FederationError("n8n_unreachable", message, { retryable: true });
  }
  if (proof.state === "broken") {
    const message = `The workflow ${name} fails when it is called; its executions in n8n say why.`;
    return new FederationError("n8n_workflow_fails", message, { retryable: true });
  }
  const message = `n8n does not bring ${name} to live, though it was published twice.`;
  return new FederationError("n8n_not_published", message, { retryable: true });
}
