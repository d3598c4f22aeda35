import { createEngine } from "../../../../src/providers/hosts/docker/engine.ts";
import type { DockerHostOptions } from "../../../../src/providers/hosts/docker/context.ts";
import { createDockerHost } from "../../../../src/providers/hosts/docker/host.ts";
import type { AgentSpec, HostCall } from "../../../../src/providers/hosts/host.ts";
import { startFakeEngine } from "../../../fakes/docker/start-fake-engine.ts";

/** A host on a fake engine, with a container `web` that agents reach. */
export async function openDockerWorld(options: Partial<DockerHostOptions> = {}) {
  const fake = await startFakeEngine();
  fake.containers.add("web");
  const engine = createEngine({ host: fake.host, timeoutMs: 500 });
  const hostWith = (more: Partial<DockerHostOptions> = {}) =>
    createDockerHost({
      engine,
      imageOf: () => "agent:1",
      attach: ["web"],
      environment: "test",
      waitSeconds: 10,
      pauseMs: 5,
      ...options,
      ...more,
    });
  return {
    fake,
    engine,
    host: hostWith(),
    hostWith,
    /** The running replicas' task and environment. */
    running: (departmentId: string) =>
      fake.swarm
        .tasks()
        .filter(
          ({ DesiredState, Status, serviceLabels }) =>
            DesiredState === "running" &&
            Status.State === "running" &&
            serviceLabels["federation.department"] === departmentId,
        )
        .map(({ ID, Spec }) => ({ instance: ID, environment: Spec.ContainerSpec.Env ?? [] })),
    close: fake.close,
  };
}

export function agentSpec(changes: Partial<AgentSpec> = {}): AgentSpec {
  const departmentId = Bun.randomUUIDv7();
  return {
    departmentId,
    slug: `d-${departmentId}`,
    release: "r1",
    variables: { RELEASE: "r1", DEPARTMENT_ID: departmentId, AGENT_TOKEN: "of the agent" },
    secretNames: ["AGENT_TOKEN"],
    limits: { cpus: 0.5, memoryMb: 256, replicas: 1 },
    ...changes,
  };
}

export const call = (changes: Partial<HostCall> = {}): HostCall => ({
  idempotencyKey: Bun.randomUUIDv7(),
  signal: new AbortController().signal,
  fence: () => Promise.resolve(),
  ...changes,
});
