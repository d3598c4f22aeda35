import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DockerHostOptions } from "../../src/providers/hosts/docker/context.ts";
import { createEngine } from "../../src/providers/hosts/docker/engine.ts";
import { createDockerHost } from "../../src/providers/hosts/docker/host.ts";
import { agentSpec, call } from "../providers/hosts/docker/world.ts";
import { docker } from "./docker.ts";

export const dockerHost = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";

/** Answers who it is; `healthy` is what its image says. */
const agent = `
process.on("SIGTERM", () => process.exit(0));
console.log("listening as " + process.env.RELEASE);
Bun.serve({ port: 8080, hostname: "0.0.0.0", fetch: (req) =>
  req.url.endsWith("/health")
    ? new Response("", { status: process.env.HEALTHY === "yes" ? 200 : 503 })
    : Response.json({ release: process.env.RELEASE ?? "" }) });
`;
const dockerfile = `
FROM oven/bun:1.4.5-slim
ARG HEALTHY
ENV HEALTHY=$HEALTHY
COPY agent.ts /app/agent.ts
USER 1000:1000
HEALTHCHECK --interval=1s --timeout=2s CMD ["bun", "-e", "process.exit((await fetch('http://127.0.0.1:8080/health')).ok ? 0 : 1)"]
CMD ["bun", "/app/agent.ts"]
`;

async function build(tag: string, healthy: "yes" | "no"): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "federation-image-"));
  await Bun.write(join(directory, "Dockerfile"), dockerfile);
  await Bun.write(join(directory, "agent.ts"), agent);
  await docker("build", "-q", "-t", tag, "--build-arg", `HEALTHY=${healthy}`, directory);
  await rm(directory, { recursive: true });
}

/** A host on the engine of DOCKER_HOST, in an environment of its own, with images and a container to attach. */
export async function openEngineWorld() {
  const environment = `test-${crypto.randomUUID().slice(0, 8)}`;
  const images = { good: `federation-${environment}:good`, broken: `federation-${environment}:broken` };
  await build(images.good, "yes");
  await build(images.broken, "no");
  const web = `federation-${environment}-web`;
  await docker("run", "-d", "--name", web, "-e", "RELEASE=web", images.good);
  const engine = createEngine({ host: dockerHost });
  const hostWith = (options: Partial<DockerHostOptions> = {}) =>
    createDockerHost({
      engine,
      imageOf: () => images.good,
      attach: [web],
      environment,
      healthIntervalSeconds: 1,
      startSeconds: 3,
      monitorSeconds: 2,
      waitSeconds: 50,
      ...options,
    });
  const host = hostWith();
  const { signal } = new AbortController();

  /** Ids of the department's containers that run and are meant to. */
  async function containersOf(departmentId: string): Promise<string[]> {
    const label = `label=federation.department=${departmentId}`;
    const ids = (await docker("ps", "-q", "--no-trunc", "--filter", label)).split("\n").filter(Boolean);
    const states = await Promise.all(
      ids.map((id) => docker("inspect", "-f", '{{index .Config.Labels "com.docker.swarm.task.id"}}', id)),
    );
    const desired = await Promise.all(
      states.map((task) =>
        docker("inspect", "--type", "task", "-f", "{{.DesiredState}}", task).catch(() => "gone"),
      ),
    );
    return ids.filter((_, at) => desired[at] === "running");
  }

  return {
    host,
    hostWith,
    engine,
    images,
    web,
    environment,
    containersOf,
    makeSpec: () => {
      const spec = agentSpec();
      return { ...spec, slug: `t-${spec.departmentId}` };
    },
    /** What a program of the container prints. */
    inside: (container: string, program: string) => docker("exec", container, "bun", "-e", program),
    async close() {
      const owned = await host.listOwned(signal);
      const departments = new Set(owned.flatMap(({ departmentId = "" }) => departmentId));
      await Promise.all([...departments].map((departmentId) => host.destroy(departmentId, call())));
      await docker("rm", "-f", web);
      await docker("rmi", "-f", images.good, images.broken);
      const left = await host.listOwned(signal);
      if (left.length > 0) throw new Error(`left behind: ${JSON.stringify(left)}`);
    },
  };
}
