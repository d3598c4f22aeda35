import { FederationError } from "../errors.ts";
import { N8nError } from "../providers/n8n/n8n-error.ts";
import type { N8nClient } from "../providers/n8n/n8n.ts";
import type { JobContext } from "../provisioning/worker-deps.ts";
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
 * Throws `n8n_path_conflict` where that does not help, and retryable `n8n_unreachable` or `n8n_workflow_fails`.
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
  for (const { id } of first) await publishAgain(ctx, client, id);
  const [still] = await findUnproven(first, options);
  if (still) throw errorOf(still);
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

function errorOf({ workflow, proof }: Unproven): FederationError {
  const { name } = workflow.definition;
  if (proof.state === "unreachable") {
    const message = `n8n does not answer at the address of its webhooks (${name}).`;
    return new FederationError("n8n_unreachable", message, { retryable: true });
  }
  if (proof.state === "broken") {
    const message = `The workflow ${name} fails when it is called; its executions in n8n say why.`;
    return new FederationError("n8n_workflow_fails", message, { retryable: true });
  }
  const message = `The path ${workflow.entry.path} does not lead to ${name} (${meanings[proof.state]}): another workflow may have it.`;
  return new FederationError("n8n_path_conflict", message);
}

const meanings: Record<"live" | "stale" | "absent" | "refused" | "foreign", string> = {
  live: "it does",
  stale: "another version of it answers",
  absent: "nothing is registered there",
  refused: "whoever answers does not take our token",
  foreign: "somebody else answers",
};
