// docs/deployment-topology.md against the files that start what it draws.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";

const root = join(import.meta.dir, "..");
const read = (path: string) => Bun.file(join(root, path)).text();
const page = await read("docs/deployment-topology.md");

/** Cells of the table whose head begins with this cell, a list each, without back quotes. */
function tableOf(head: string): string[][] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`)) + 2;
  if (start === 1) throw new Error(`no table begins with ${head}`);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith("|"));
  return lines.slice(start, end).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

const listed = (cell = "") => cell.split(", ").filter((name) => name !== "" && name !== "none");

const serviceSchema = z.object({
  command: z.union([z.string(), z.array(z.string())]).optional(),
  networks: z.array(z.string()).optional(),
  network_mode: z.string().optional(),
  ports: z.array(z.string()).optional(),
  profiles: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  environment: z.record(z.string(), z.string()).optional(),
});
const { services } = z
  .object({ services: z.record(z.string(), serviceSchema) })
  .parse(Bun.YAML.parse(await read("compose.yaml")));
const commandOf = (name: string) => [services[name]?.command ?? []].flat().join(" ");

test("the processes are those of the Procfile, by name and command", async () => {
  const procfile = (await read("Procfile"))
    .trim()
    .split("\n")
    .map((line) => line.split(/: (.*)/).slice(0, 2));
  const processes = tableOf("process").map(([name, command]) => [name, command]);
  expect(processes).toEqual(procfile as [string, string][]);
});

test("compose.yaml, Railway's files, Terraform and Ansible start the same commands", async () => {
  const [railway, worker, terraform, ansible] = await Promise.all([
    read("railway.json"),
    read("templates/railway/worker.json"),
    read("templates/terraform/control-plane/main.tf"),
    read("templates/ansible/roles/federation/templates/compose.yaml.j2"),
  ]);
  const started: Record<string, string[]> = {
    web: [railway],
    worker: [worker, terraform],
    release: [worker, terraform],
  };
  for (const [name = "", command = ""] of tableOf("process")) {
    expect([name, commandOf(name)]).toEqual([name, command]);
    expect(ansible).toContain(`command: [${command.split(" ").join(", ")}]`);
    for (const text of started[name] ?? []) expect([name, text.includes(command)]).toEqual([name, true]);
  }
});

test("only web listens, on the port that the image exposes", async () => {
  const ports = Object.fromEntries(tableOf("process").map(([name, , port]) => [name, port]));
  const exposed = /^EXPOSE (\d+)$/m.exec(await read("Dockerfile"))?.[1];
  expect(ports).toEqual({ web: exposed, worker: "nothing", release: "nothing" });
});

test("web has no login that its row does not name, and worker has the provisioner's", () => {
  const files = {
    federation_app: "DATABASE_URL_FILE",
    federation_gateway: "DATABASE_GATEWAY_URL_FILE",
    federation_provisioner: "DATABASE_ADMIN_URL_FILE",
  };
  for (const [name = "", , , logins] of tableOf("process").slice(0, 2)) {
    const given = Object.keys(services[name]?.environment ?? {}).filter((key) => key.startsWith("DATABASE_"));
    const named = listed(logins).map((login) => files[login as keyof typeof files]);
    expect([name, named.toSorted()]).toEqual([name, given.toSorted()]);
  }
});

test("the services of compose.yaml have the networks, ports and order of the table", () => {
  const drawn = tableOf("service").map(([name, networks, published, after]) => ({
    name,
    networks: listed(networks),
    published: (published ?? "").match(/\d+(?=$|,)/g) ?? [],
    after: /^(\w+)/.exec(after ?? "")?.[1],
  }));
  const there = Object.entries(services).map(([name, service]) => ({
    name,
    networks: service.network_mode === "none" ? [] : (service.networks ?? []),
    published: [...new Set((service.ports ?? []).map((port) => /(\d+)(?:\/udp)?$/.exec(port)?.[1]))],
    after: Object.keys(service.depends_on ?? {})[0],
  }));
  expect(drawn).toEqual(there as typeof drawn);
});

test("every service is drawn, and what needs a profile says so", () => {
  const drawing = /## `compose\.yaml`.*?```mermaid\n(.*?)```/s.exec(page)?.[1] ?? "";
  for (const [name, { profiles = [] }] of Object.entries(services)) {
    expect([name, new RegExp(`\\b${name}\\b`).test(drawing)]).toEqual([name, true]);
    for (const profile of profiles) expect(drawing).toContain(`profile ${profile}`);
  }
});

test("the roles of each group are those of templates/ansible/site.yml", async () => {
  const plays = z
    .array(z.object({ hosts: z.string(), roles: z.array(z.string()) }))
    .parse(Bun.YAML.parse(await read("templates/ansible/site.yml")));
  const rolesOf = new Map<string, string[]>();
  for (const { hosts, roles } of plays)
    for (const group of hosts.split(":")) rolesOf.set(group, [...(rolesOf.get(group) ?? []), ...roles]);
  const told = tableOf("group").flatMap(([groups, roles]) =>
    listed(groups).map((group): [string, string[]] => [group, listed(roles)]),
  );
  expect(told).toEqual([...rolesOf]);
});

test("every scheduled job stands in docs/operations.md, at its time", async () => {
  const [operations, jobs] = await Promise.all([read("docs/operations.md"), read("jobs/jobs.ts")]);
  const schedules = [...jobs.matchAll(/\{ queue: "([a-z-]+)", cron: "(\S+) (\S+) /g)];
  expect(schedules.length).toBeGreaterThan(10);
  for (const [, queue = "", minute = "", hour = ""] of schedules) {
    const row = operations.split("\n").find((line) => line.startsWith(`| \`jobs/${queue}.ts\` |`)) ?? "";
    const daily = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")} UTC`;
    const when = hour === "*" ? /hourly|every|each/ : new RegExp(daily);
    expect([queue, when.test(row)]).toEqual([queue, true]);
  }
});
