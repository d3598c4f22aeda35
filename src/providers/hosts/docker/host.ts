/**
 * Agents as services of a Docker swarm: one service, network and secret for each department, found by their labels. The
 * engine keeps the agents alive and takes back updates that fail; nothing of ours has to run for that. A call that was
 * cut off is simply made again: it finds what is there by name and labels and does the rest.
 */
import { FederationError } from "../../../errors.ts";
import type { AgentSpec, Host, HostCall, OwnedThing } from "../host.ts";
import { attachContainers } from "./attach.ts";
import {
  agentMissing,
  contextOf,
  type DockerContext,
  type DockerHostOptions,
  stopWaitOf,
} from "./context.ts";
import { deployService } from "./deploy.ts";
import { serviceDrift } from "./drift.ts";
import { serviceHealth } from "./health.ts";
import { serviceLogs } from "./logs.ts";
import { nameTaken } from "./names.ts";
import { ensureNetwork, listNetworks, removeNetworks } from "./networks.ts";
import { listThings, networkThing, serviceThing } from "./owned.ts";
import { checkRegion } from "./regions.ts";
import { ensureSecret, removeSecrets } from "./secrets.ts";
import { serviceSpec } from "./service-spec.ts";
import { createService, findService, removeService, restartService, scaleToZero } from "./services.ts";
import { isBeingForgotten, isLive, listTasks } from "./tasks.ts";
import { waitUntil } from "./wait-until.ts";

/** Lines are of all replicas; `reattach` puts `attach` into every department's network again. */
export type DockerHost = Host & Required<Pick<Host, "logs" | "reattach">>;

export function createDockerHost(options: DockerHostOptions): DockerHost {
  const ctx = contextOf(options);
  const { environment } = ctx;
  return {
    name: "docker",
    ensureProject: async (spec, call) => networkThing(await ensureNetwork(ctx, spec, call)),
    ensureService: (spec, call) => ensureService(ctx, spec, call),
    setVariables: (spec, call) => prepareVariables(ctx, spec, call),
    deploy: (spec, call) => deployService(ctx, spec, call),
    health: (departmentId, signal) => serviceHealth(ctx, departmentId, signal),
    restart: (departmentId, call) => restartService(ctx, departmentId, call),
    stop: (departmentId, call) => stop(ctx, departmentId, call),
    destroy: (departmentId, call) => destroy(ctx, departmentId, call),
    inspect: (departmentId, signal) => listThings(ctx, { environment, departmentId }, signal),
    listOwned: (signal) => listThings(ctx, { environment }, signal),
    drift: (spec, signal) => serviceDrift(ctx, spec, signal),
    logs: (departmentId, tail, signal) => serviceLogs(ctx, departmentId, tail, signal),
    async reattach(signal) {
      if (ctx.attach.length === 0) return;
      const networks = await listNetworks(ctx, { environment }, signal);
      const call = { signal, fence: () => Promise.resolve() };
      // A network may be taken away meanwhile.
      await attachContainers(ctx, networks, call, ["conflict", "not_found"]);
    },
  };
}

/** A service of no replicas: nothing runs before the first deploy. */
async function ensureService(ctx: DockerContext, spec: AgentSpec, call: HostCall): Promise<OwnedThing> {
  const found = await findService(ctx, spec.departmentId, call.signal);
  if (found) return serviceThing(found);
  await checkRegion(ctx, spec, call.signal);
  const { Id: networkId } = await ensureNetwork(ctx, spec, call);
  const apiMinor = await ctx.engine.apiMinor(call.signal);
  const empty = { ...spec, variables: {} };
  const body = serviceSpec(ctx, empty, { networkId, secret: undefined, replicas: 0, apiMinor });
  await createService(ctx, body, call);
  const made = await findService(ctx, spec.departmentId, call.signal);
  if (!made) throw nameTaken(`service ${body.Name}`);
  return serviceThing(made);
}

/**
 * Stores the secret ones where the next deploy finds them, and refuses what no deploy could set. The running agent is
 * left alone: its deploy changes image, variables and secret in one update, which can be taken back whole.
 */
async function prepareVariables(ctx: DockerContext, spec: AgentSpec, call: HostCall): Promise<void> {
  if (!(await findService(ctx, spec.departmentId, call.signal))) throw agentMissing();
  const apiMinor = await ctx.engine.apiMinor(call.signal);
  serviceSpec(ctx, spec, { networkId: "", secret: undefined, replicas: 0, apiMinor });
  await call.fence();
  await ensureSecret(ctx, spec, call);
}

async function stop(ctx: DockerContext, departmentId: string, call: HostCall): Promise<void> {
  await scaleToZero(ctx, departmentId, call);
  await untilNothingRuns(ctx, departmentId, call);
}

async function destroy(ctx: DockerContext, departmentId: string, call: HostCall): Promise<void> {
  const owner = { environment: ctx.environment, departmentId };
  await stop(ctx, departmentId, call);
  await removeService(ctx, departmentId, call);
  await untilNothingRuns(ctx, departmentId, call);
  await removeSecrets(ctx, owner, [], call);
  await removeNetworks(ctx, owner, call);
}

async function untilNothingRuns(ctx: DockerContext, departmentId: string, call: HostCall): Promise<void> {
  const isQuiet = await waitUntil(stopWaitOf(ctx, call), async () => {
    const tasks = await listTasks(ctx, departmentId, call.signal);
    return tasks.some((task) => isLive(task) || isBeingForgotten(task)) ? undefined : true;
  });
  if (isQuiet) return;
  throw new FederationError("agent_not_stopped", "The agent did not stop in time.", {
    status: 503,
    retryable: true,
  });
}
