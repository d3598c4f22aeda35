import { z } from "zod";
import { type DepartmentSecretName, secretPlace } from "../../src/departments/department-secret.ts";
import type { TestRun } from "../crash/department.ts";
import { type Installation, type InstallationOptions, startInstallation } from "../helpers/installation.ts";
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
      await at.close();
      const rows = await departmentsOf();
      for (const department of rows) await removeThings(department);
      await relay.close();
      const tags = await docker("images", "--format", "{{.Repository}}:{{.Tag}}", image.split(":")[0] ?? "");
      for (const tag of lines(tags).filter((one) => one.startsWith(image))) await docker("rmi", "-f", tag);
    },
  };

  /** Those of this installation: others may use the engine. */
  async function departmentsOf(): Promise<string[]> {
    const labels = await docker("service", "ls", "-q", "--filter", "label=federation.department");
    const all = await Promise.all(
      lines(labels).map((id) =>
        docker(
          "service",
          "inspect",
          "-f",
          '{{index .Spec.Labels "federation.department"}} {{index .Spec.Labels "federation.release"}}',
          id,
        ),
      ),
    );
    return all.flatMap((line) => (line.split(" ")[1]?.startsWith(image) ? [line.split(" ")[0] ?? ""] : []));
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

async function removeThings(department: string): Promise<void> {
  const things = await thingsOf({ department });
  const ids = (kind: string) =>
    things.flatMap((thing) => (thing.startsWith(`${kind} `) ? [thing.split(" ")[1] ?? ""] : []));
  for (const id of ids("service")) {
    // An engine of 20.10 dies of a service that is removed while its tasks are being forgotten.
    await docker("service", "scale", "-d", `${id}=0`);
    while (lines(await docker("ps", "-q", ...owned({ department }))).length > 0) await Bun.sleep(500);
    await docker("service", "rm", id);
  }
  for (const id of ids("secret")) await docker("secret", "rm", id);
  for (const id of ids("network")) {
    const attached = await docker("network", "inspect", "-f", "{{range .Containers}}{{.Name}} {{end}}", id);
    for (const name of attached.trim().split(" ").filter(Boolean))
      await docker("network", "disconnect", "-f", id, name);
    await docker("network", "rm", id);
  }
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
