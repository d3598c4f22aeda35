import { FederationError } from "../../../errors.ts";
import type { AgentSpec, HostCall } from "../host.ts";
import { agentMissing, type DockerContext, waitOf } from "./context.ts";
import { isCovered } from "./is-covered.ts";
import { ensureNetwork } from "./networks.ts";
import { checkRegion } from "./regions.ts";
import { ensureSecret, removeSecrets } from "./secrets.ts";
import { agentPort, type ServiceSpec, serviceSpec } from "./service-spec.ts";
import { findService, scaleToZero, type Service, updateService } from "./services.ts";
import { isFailed, isMadeFrom, isRunning, listTasks, type Task, whyFailed } from "./tasks.ts";
import { waitUntil } from "./wait-until.ts";

/** So many failures in a row are not bad luck: where nothing ran before, nothing goes on trying in vain. */
const failuresMax = 3;

/**
 * Makes the service what the spec says, in one update that the engine takes back whole when it fails, and waits for its
 * end. Throws `agent_rolled_back`, and retryable `agent_not_started` where there was nothing to go back to.
 */
export async function deployService(
  ctx: DockerContext,
  spec: AgentSpec,
  call: HostCall,
): Promise<{ url: string }> {
  const { departmentId } = spec;
  if (!(await findService(ctx, departmentId, call.signal))) throw agentMissing();
  await checkRegion(ctx, spec, call.signal);
  const wanted = await wantedService(ctx, spec, call);
  const before = await listTasks(ctx, departmentId, call.signal);
  const exists = await updateService(ctx, departmentId, call, ({ Spec }) =>
    isCovered(wanted, Spec) ? undefined : wanted,
  );
  if (!exists) throw agentMissing();
  await converged(ctx, { departmentId, wanted, seen: new Set(before.map(({ ID }) => ID)) }, call);
  await removeUnusedSecrets(ctx, departmentId, call);
  return { url: `http://${wanted.Name}:${agentPort}` };
}

async function wantedService(ctx: DockerContext, spec: AgentSpec, call: HostCall): Promise<ServiceSpec> {
  const network = await ensureNetwork(ctx, spec, call);
  const secret = await ensureSecret(ctx, spec, call);
  const apiMinor = await ctx.engine.apiMinor(call.signal);
  const { replicas } = spec.limits;
  return serviceSpec(ctx, spec, { networkId: network.Id, secret, replicas, apiMinor });
}

interface Rollout {
  departmentId: string;
  wanted: ServiceSpec;
  /** Tasks there were before. */
  seen: ReadonlySet<string>;
}

async function converged(ctx: DockerContext, rollout: Rollout, call: HostCall): Promise<void> {
  const { departmentId, wanted, seen } = rollout;
  const isMine = (task: Task) => isMadeFrom(task, wanted.TaskTemplate);
  const isDone = await waitUntil(waitOf(ctx, call), async () => {
    const service = await findService(ctx, departmentId, call.signal);
    const tasks = await listTasks(ctx, departmentId, call.signal);
    const fresh = tasks.filter((task) => !seen.has(task.ID));
    const mine = fresh.filter((task) => isFailed(task) && isMine(task));
    if (!isOngoing(service, wanted, mine[0])) return undefined;
    const running = tasks.filter((task) => isRunning(task) && isMine(task));
    if (running.length >= wanted.Mode.Replicated.Replicas) return true;
    if (mine.length < failuresMax || tasks.some(isRunning)) return undefined;
    await scaleToZero(ctx, departmentId, call);
    throw notStarted(mine[0]);
  });
  if (!isDone) throw notStarted((await listTasks(ctx, departmentId, call.signal)).find(isFailed));
}

/** Whether the tasks decide now: false while the engine is at work; throws when it does not do what was asked for. */
function isOngoing(service: Service | undefined, wanted: ServiceSpec, failed: Task | undefined): boolean {
  if (!service) throw agentMissing();
  const state = service.UpdateStatus?.State ?? "";
  if (state === "updating" || state === "rollback_started") return false;
  const isOurs = isCovered(wanted, service.Spec);
  if (state === "paused" || (!isOurs && state.startsWith("rollback"))) throw rolledBack(failed);
  if (service.Spec.Mode.Replicated.Replicas === 0) throw stoppedMeanwhile();
  if (!isOurs) throw changedMeanwhile();
  return true;
}

async function removeUnusedSecrets(ctx: DockerContext, departmentId: string, call: HostCall): Promise<void> {
  const service = await findService(ctx, departmentId, call.signal);
  if (!service) return;
  const used = service.Spec.TaskTemplate.ContainerSpec.Secrets ?? [];
  const kept = used.map(({ SecretName }) => SecretName);
  await removeSecrets(ctx, { environment: ctx.environment, departmentId }, kept, call);
}

const why = (task: Task | undefined) => (task ? { cause: `${task.ID}: ${whyFailed(task)}` } : {});

const rolledBack = (task: Task | undefined) =>
  new FederationError("agent_rolled_back", "The new agent did not become healthy and was taken back.", {
    status: 409,
    ...why(task),
  });
const notStarted = (task: Task | undefined) =>
  new FederationError("agent_not_started", "The agent did not become healthy in time.", {
    status: 503,
    retryable: true,
    ...why(task),
  });
const stoppedMeanwhile = () =>
  new FederationError("agent_stopped", "The agent was stopped while it started.", { status: 409 });
const changedMeanwhile = () =>
  new FederationError("agent_changed", "Another deploy changed the agent meanwhile.", {
    status: 409,
    retryable: true,
  });
