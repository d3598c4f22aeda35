import { z } from "zod";
import { FederationError } from "../../../errors.ts";
import type { AgentSpec } from "../host.ts";
import type { DockerContext } from "./context.ts";

const nodes = z.array(z.object({ Spec: z.object({ Labels: z.record(z.string(), z.string()).nullish() }) }));

/** Throws `region_unknown` where no machine has the region's label: its agent would wait for ever. */
export async function checkRegion(
  { engine }: DockerContext,
  { region }: AgentSpec,
  signal: AbortSignal,
): Promise<void> {
  if (region === undefined) return;
  const found = await engine.json(nodes, { path: "/nodes", signal });
  if (found.some(({ Spec }) => Spec.Labels?.["region"] === region)) return;
  throw new FederationError(
    "region_unknown",
    `No machine of the Docker swarm has the label region=${region}.`,
    { status: 409 },
  );
}
