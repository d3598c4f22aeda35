import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";
import { environment } from "../../src/config/environment.ts";

/** What compose.yaml promises, read as a file: no engine is needed. */
const root = join(import.meta.dir, "../..");
const read = (path: string) => Bun.file(join(root, path)).text();
const text = await read("compose.yaml");

const serviceSchema = z.object({
  image: z.string(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  init: z.boolean().optional(),
  cap_drop: z.array(z.string()).default([]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  pids_limit: z.number().optional(),
  mem_limit: z.string().optional(),
  cpus: z.number().optional(),
  restart: z.string().optional(),
  privileged: z.boolean().default(false),
  stop_grace_period: z.string().optional(),
  logging: z.object({ options: z.record(z.string(), z.string()) }).optional(),
});
const { services } = z.object({ services: z.record(z.string(), serviceSchema) }).parse(Bun.YAML.parse(text));
const named = Object.entries(services);
const ours = named.filter(([, { image }]) => image.includes("FEDERATION_IMAGE"));
const namesOf = (has: (service: z.infer<typeof serviceSchema>) => boolean) =>
  named.filter(([, service]) => has(service)).map(([name]) => name);

const variables = Object.keys(environment.shape);
const asked = [...text.matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1] ?? "");
const example = await read(".env.example");

test("every variable that our processes are given is one that src/config.ts reads", () => {
  const given = new Set(ours.flatMap(([, { environment }]) => Object.keys(environment)));
  expect(given.size).toBeGreaterThan(5);
  const unknown = [...given].filter((name) => !variables.includes(name.replace(/_FILE$/, "")));
  expect(unknown).toEqual([]);
});

test("every line of .env.example is read by compose.yaml or by src/config.ts", () => {
  const lines = [...example.matchAll(/^(?:# )?([A-Z][A-Z_\d]*)=/gm)].map((match) => match[1] ?? "");
  expect(lines.length).toBeGreaterThan(15);
  const own = ["COMPOSE_PROJECT_NAME", "COMPOSE_PROFILES"];
  expect(lines.filter((name) => ![...asked, ...variables, ...own].includes(name))).toEqual([]);
});

test(".env.example sets everything without which compose.yaml does not start", () => {
  const needed = [...text.matchAll(/\$\{([A-Z_]+):?\?/g)].map((match) => match[1] ?? "");
  expect(needed).toContain("ADMIN_EMAIL");
  expect(needed.filter((name) => !new RegExp(`^${name}=.`, "m").test(example))).toEqual([]);
});

test("what opens something comes from a file, and stands neither in compose.yaml nor in a command", () => {
  const opens = /KEY|PASSWORD|SECRET|TOKEN|KEK|LOGIN/;
  for (const [, { environment, command }] of named) {
    for (const [name, value] of Object.entries(environment)) {
      if (opens.test(name))
        expect([name, value.split("/")[1]]).toEqual([
          expect.stringMatching(/_FILE$/),
          expect.stringMatching(/^(run|logins)$/),
        ]);
      expect(value).not.toMatch(/:\/\/[^/]*:[^/]*@/);
    }
    expect(command.join(" ")).not.toMatch(opens);
  }
  const secrets = [...example.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)].filter(([, name = ""]) =>
    opens.test(name),
  );
  expect(secrets.map(([, , value]) => value).filter(Boolean)).toEqual([]);
});

test("every image is pinned to a version", () => {
  const defaults = named.map(([, { image }]) => /:-(.*)\}$/.exec(image)?.[1] ?? image);
  expect(defaults.filter((image) => !/:\d+\.\d+(\.\d+)?$/.test(image))).toEqual([]);
});

describe("hardened:", () => {
  test.each(named)("%s", (name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      init: true,
      privileged: false,
      cap_drop: ["ALL"],
      cap_add: name === "caddy" ? ["NET_BIND_SERVICE"] : [],
      security_opt: ["no-new-privileges:true"],
      pids_limit: expect.any(Number),
      mem_limit: expect.any(String),
      cpus: expect.any(Number),
      restart: expect.any(String),
      logging: { options: { "max-size": expect.any(String), "max-file": expect.any(String) } },
    });
  });
});

test("only the worker sees the engine's socket, and only what needs them sees these", () => {
  const sees = (volume: string) => namesOf(({ volumes }) => volumes.some((mount) => mount.includes(volume)));
  expect(sees("docker.sock")).toEqual(["worker"]);
  expect(sees("worker-logins")).toEqual(["init", "worker"]);
  expect(sees("admin-logins")).toEqual(["init", "fed"]);
  expect(namesOf(({ secrets }) => secrets.includes("postgres-password"))).toEqual([
    "postgres",
    "init",
    "release",
  ]);
});

test("Postgres is on no network, and what can be reached from outside is the proxy alone", () => {
  expect(services["postgres"]?.network_mode).toBe("none");
  expect(services["postgres"]?.environment["POSTGRES_INITDB_ARGS"]).toContain("--auth-local=scram-sha-256");
  const open = namesOf(({ ports }) =>
    ports.some((port) => !/^(127\.0\.0\.1|\$\{WEB_BIND:-127\.0\.0\.1\}):/.test(port)),
  );
  expect(open).toEqual(["caddy"]);
});

test("the containers run the commands of the Procfile, and are left the time to end", async () => {
  const procfile = Object.fromEntries(
    (await read("Procfile"))
      .trim()
      .split("\n")
      .map((line) => line.split(": ")),
  );
  const { web, worker, release } = services;
  const commands = { web, worker, release };
  expect(Object.entries(commands).map(([name, service]) => [name, service?.command.join(" ")])).toEqual(
    Object.entries(procfile),
  );
  const closeSeconds = Number(/closeWithinMs = (\d+)_000/.exec(await read("src/shutdown.ts"))?.[1]);
  for (const [, { stop_grace_period: grace }] of ours) {
    expect(Number(grace?.replace("s", ""))).toBeGreaterThan(closeSeconds);
  }
});
