import type { AgentHealth } from "../host.ts";
import type { DockerContext } from "./context.ts";
import { findService } from "./services.ts";
import { isFailed, isRunning, listTasks, whyFailed } from "./tasks.ts";

/** What the engine's own health checks say; one healthy replica is enough to be ready. */
export async function serviceHealth(
  ctx: DockerContext,
  departmentId: string,
  signal: AbortSignal,
): Promise<AgentHealth> {
  const service = await findService(ctx, departmentId, signal);
  const replicas = service?.Spec.Mode.Replicated.Replicas ?? 0;
  if (replicas === 0) return { status: "absent", detail: "The agent is not wanted." };
  const tasks = await listTasks(ctx, departmentId, signal);
  const running = tasks.filter(isRunning).length;
  if (running > 0) {
    return { status: "ready", detail: running < replicas ? `${running} of ${replicas} replicas run.` : "" };
  }
  const ended = tasks.filter((task) => task.DesiredState === "shutdown" || isFailed(task))[0];
  return ended && isFailed(ended)
    ? { status: "unhealthy", detail: whyFailed(ended) }
    : { status: "starting", detail: "The agent is about to start." };
}
