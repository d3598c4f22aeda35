import { z } from "zod";
import { type DepartmentSecretName, secretPlace } from "../../src/departments/department-secret.ts";
import type { TestRun } from "../crash/department.ts";
import { type Installation, type InstallationOptions, startInstallation } from "../helpers/installation.ts";
import { createEngine } from "../../src/providers/hosts/docker/engine.ts";
import { createDockerHost } from "../../src/providers/hosts/docker/host.ts";
import { call } from "../providers/hosts/docker/world.ts";
import { docker, root } from "./docker.ts";
import { type Relay, startRelay } from "./relay.ts";

export type SwarmWorld = Awaited<ReturnType<typeof startSwarmWorld>>;

/** An installation whose departments run on the engine of DOCKER_HOST, in the agent's own image. */
export async function startSwarmWorld({
  workers = 1,
  environment = {},
}: Pick<InstallationOptions, "workers" | "environment"> = {}) {
  const image = `federation-agent-test:${crypto.randomUUID().slice(0, 8)}`;
  await buildAgent(image);
  const relay = await startRelay();
  const at = await startInstallation({
    workers,
    environment: {
      HOSTS: "docker",
      DOCKER_HOST: process.env["DOCKER_HOST"] ?? "",
      DOCKER_ATTACH: relay.name,
      DOCKER_FEDERATION_URL: relay.url,
      AGENT_IMAGE: image,
      http_proxy: relay.agentsUrl,
      no_proxy: "127.0.0.1",
      ...environment,
    },
  });
  relay.lead(new URL(at.url));
  return {
    at,
    image,
    relay,
    serviceOf,
    containersOf,
    thingsOf,
    secretsOf: (run: TestRun) => secretsOf(at, run),
    callTool: (run: TestRun, tool: string, args: object, token?: string) =>
      callTool(at, relay, run, { tool, args, token }),
    async close() {
      const departments = await at.sql<{ id: string }[]>`select id from federation.department`;
      await at.close();
      for (const { id } of departments) await destroy(id);
      await relay.close();
      const tags = await docker("images", "--format", "{{.Repository}}:{{.Tag}}", image.split(":")[0] ?? "");
      for (const tag of lines(tags).filter((one) => one.startsWith(image))) await docker("rmi", "-f", tag);
    },
  };
}

/** As the product does it, which knows what this engine can bear; a network may need more than one try. */
async function destroy(departmentId: string): Promise<void> {
  const engine = createEngine({ host: process.env["DOCKER_HOST"] ?? "" });
  const imageOf = (release: string) => release;
  const host = createDockerHost({ engine, imageOf, attach: [], environment: "development" });
  for (let tries = 1; ; tries++) {
    try {
      return await host.destroy(departmentId, call());
    } catch (error) {
      if (tries === 5) throw error;
      await Bun.sleep(1000);
    }
  }
}

async function buildAgent(tag: string): Promise<void> {
  const build = Bun.spawn([process.execPath, "templates/agent/build-image.ts", tag, "--network", "host"], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if ((await build.exited) !== 0) throw new Error((await new Response(build.stderr).text()).slice(-3000));
}

const owned = ({ department }: Pick<TestRun, "department">) => [
  "--filter",
  `label=federation.department=${department}`,
];

async function serviceOf(run: TestRun) {
  const line = await docker("service", "ls", ...owned(run), "--format", "{{.Name}} {{.Replicas}} {{.Image}}");
  const [name = "", replicas = "", image = ""] = line.split(" ");
  return { name, replicas, image };
}

/** Ids of its containers that run. */
async function containersOf(run: TestRun): Promise<string[]> {
  return lines(await docker("ps", "-q", "--no-trunc", ...owned(run)));
}

/** Everything on the engine that carries the department's label. */
async function thingsOf(run: Pick<TestRun, "department">): Promise<string[]> {
  const kinds = ["service", "network", "secret"];
  const found = await Promise.all(
    kinds.map(async (kind) =>
      lines(await docker(kind, "ls", "-q", ...owned(run))).map((id) => `${kind} ${id}`),
    ),
  );
  const containers = lines(await docker("ps", "-aq", ...owned(run))).map((id) => `container ${id}`);
  return [...found.flat(), ...containers];
}

async function openSecrets(at: Installation, { department }: TestRun) {
  const rows = await at.sql<{ name: DepartmentSecretName; sealed: string }[]>`
    select name, sealed from federation.department_secret where department_id = ${department}`;
  const opened = rows.map(
    async ({ name, sealed }) => [name, await at.vault.open(secretPlace(department, name), sealed)] as const,
  );
  return new Map(await Promise.all(opened));
}

async function secretsOf(at: Installation, run: TestRun): Promise<string[]> {
  return [...(await openSecrets(at, run)).values()].map((text) => text.split(".").at(-1) ?? text);
}

const answer = z.object({ status: z.number(), body: z.unknown() });

/** What its agent answers to a caller inside the department's network: the relay. */
async function callTool(
  at: Installation,
  relay: Relay,
  run: TestRun,
  { tool, args, token }: { tool: string; args: object; token: string | undefined },
) {
  const { name } = await serviceOf(run);
  const bearer = token ?? (await openSecrets(at, run)).get("agent_token") ?? "";
  const request = {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: JSON.stringify(args),
  };
  const script = `const answer = await fetch("http://${name}:8080/tools/${tool}", ${JSON.stringify(request)});
    console.log(JSON.stringify({ status: answer.status, body: await answer.json() }))`;
  return answer.parse(JSON.parse(await docker("exec", relay.name, "bun", "-e", script)));
}

const lines = (text: string) => text.split("\n").filter((line) => line !== "");
