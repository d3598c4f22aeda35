import { z } from "zod";
import type { DockerContext } from "./context.ts";
import { isCovered } from "./is-covered.ts";
import { ownerFilter } from "./names.ts";
import type { ServiceSpec } from "./service-spec.ts";

const task = z.object({
  ID: z.string(),
  CreatedAt: z.string(),
  DesiredState: z.string(),
  Status: z.object({ State: z.string(), Err: z.string().optional(), Message: z.string().optional() }),
  Spec: z.object({
    ContainerSpec: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).optional(),
  }),
});
export type Task = z.infer<typeof task>;

const liveStates = [
  "new",
  "allocated",
  "pending",
  "assigned",
  "accepted",
  "preparing",
  "ready",
  "starting",
  "running",
];
const detailCharsMax = 200;

/** The department's tasks, the newest first, with the last few of each replica that have ended. */
export async function listTasks(
  { engine, environment }: DockerContext,
  departmentId: string,
  signal: AbortSignal,
): Promise<Task[]> {
  const query = ownerFilter({ environment, departmentId });
  const tasks = await engine.json(z.array(task), { path: "/tasks", query, signal });
  return tasks.toSorted((a, b) => Date.parse(b.CreatedAt) - Date.parse(a.CreatedAt));
}

/** A container is there or may come. */
export const isLive = ({ Status }: Task) => liveStates.includes(Status.State);

/**
 * The engine is about to forget it. The whole engine 20.10 dies when the service is removed at that moment (a nil
 * pointer in swarmkit's SetServiceTasksRemove).
 */
export const isBeingForgotten = ({ DesiredState }: Task) => DesiredState === "remove";

/** Its container runs and is healthy: until its first good health check a task is `starting`. */
export const isRunning = ({ Status, DesiredState }: Task) =>
  Status.State === "running" && DesiredState === "running";

/** Ended by itself. Engine 20.10 calls an unhealthy container that obeys SIGTERM `complete`. */
export const isFailed = ({ Status }: Task) => ["failed", "rejected", "complete"].includes(Status.State);

/** Made from this template. Its label alone does not say so: who changes a service by hand leaves the label as it is. */
export const isMadeFrom = ({ Spec }: Task, { ContainerSpec }: ServiceSpec["TaskTemplate"]) =>
  isCovered(ContainerSpec, Spec.ContainerSpec);

/** Why it ended, in the engine's words. */
export function whyFailed({ Status }: Task): string {
  const why = Status.Err ?? (Status.State === "complete" ? "the container ended or stayed unhealthy" : "");
  return (why || Status.Message || Status.State).slice(0, detailCharsMax);
}
