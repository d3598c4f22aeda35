import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { authorization } from "../../src/http/authorization.ts";

const root = join(import.meta.dir, "../..");
const privateName = "postgres.railway.internal";

async function run(command: string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env["PATH"] ?? "", ...environment };
  const child = Bun.spawn(command, { cwd: root, env, stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode: await child.exited, output, errors };
}

// As Railway's parser takes it: numbers are numbers, one command in the list.
// https://docs.railway.com/config-as-code/reference
const service = z.strictObject({
  $schema: z.literal("https://railway.com/railway.schema.json"),
  build: z.strictObject({ builder: z.literal("DOCKERFILE"), dockerfilePath: z.string() }),
  deploy: z.strictObject({
    preDeployCommand: z.tuple([z.string()]).optional(),
    startCommand: z.string(),
    healthcheckPath: z.string().optional(),
    healthcheckTimeout: z.number().optional(),
    restartPolicyType: z.enum(["ALWAYS", "ON_FAILURE", "NEVER"]),
    drainingSeconds: z.number(),
  }),
});
const read = async (path: string) => service.parse(JSON.parse(await readFile(join(root, path), "utf8")));

describe("the services on Railway", () => {
  const processes = async () => {
    const lines = (await readFile(join(root, "Procfile"), "utf8")).trim().split("\n");
    return Object.fromEntries(lines.map((line) => line.split(": ")));
  };

  test("run what the Procfile runs, and migrate where the provisioner's login is", async () => {
    const [web, worker, { web: server, worker: jobs, release }] = await Promise.all([
      read("railway.json"),
      read("templates/railway/worker.json"),
      processes(),
    ]);
    const start = "sh templates/railway/start.sh";
    expect(web.deploy.startCommand).toBe(`${start} ${server}`);
    expect(web.deploy.preDeployCommand).toBeUndefined();
    expect(worker.deploy.startCommand).toBe(`${start} ${jobs}`);
    expect(worker.deploy.preDeployCommand).toEqual([`${start} ${release}`]);
  });

  test("are in the image, are asked for health where anybody may, and have longer to end than they take", async () => {
    const [web, worker] = await Promise.all([read("railway.json"), read("templates/railway/worker.json")]);
    const calls: Record<string, { callers?: unknown } | string> = authorization;
    expect(calls[`GET ${web.deploy.healthcheckPath}`]).toBe(calls["GET /readyz"]!);
    expect(worker.deploy.healthcheckPath).toBeUndefined();
    const shutdown = await readFile(join(root, "src/shutdown.ts"), "utf8");
    const withinMs = Number(/closeWithinMs = ([\d_]+)/.exec(shutdown)?.[1]?.replaceAll("_", ""));
    expect(await readFile(join(root, ".dockerignore"), "utf8")).toContain("\n!templates/railway\n");
    for (const { build, deploy } of [web, worker]) {
      expect(deploy.drainingSeconds * 1000).toBeGreaterThan(withinMs);
      expect(existsSync(join(root, build.dockerfilePath))).toBe(true);
    }
  });
});

const canChange = process.getuid?.() === 0 && Bun.which("setpriv") !== null;

test.skipIf(!canChange)(
  "a volume that belongs to root is given to the image's user, as which the process runs",
  async () => {
    const volume = await mkdtemp(join(tmpdir(), "federation-volume-"));
    try {
      const program = 'id -u; touch "$DATA_DIR/written" && echo written';
      const environment = { DATA_DIR: volume, RUN_AS: "nobody" };
      const { output } = await run(["sh", "templates/railway/start.sh", "sh", "-c", program], environment);
      const { output: uid } = await run(["id", "-u", "nobody"]);
      expect(output).toBe(`${uid}written\n`);
    } finally {
      await rm(volume, { recursive: true, force: true });
    }
  },
);

describe.skipIf(!Bun.which("openssl"))("Postgres with the certificate that it is given", () => {
  let certificates: string;
  let authority: string;
  let server: Server;
  beforeAll(async () => {
    certificates = await mkdtemp(join(tmpdir(), "federation-certificates-"));
    const made = await run(["sh", "templates/railway/certify-postgres.sh"], { CERTS: certificates });
    expect(made).toMatchObject({ exitCode: 0, errors: "" });
    authority = made.output;
    const [key, cert] = await Promise.all(
      ["server.key", "server.crt"].map((name) => readFile(join(certificates, name))),
    );
    server = createServer({ key, cert }, (socket) => socket.on("error", () => {}).end("hello"));
    server.on("tlsClientError", () => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(async () => {
    server?.close();
    await rm(certificates, { recursive: true, force: true });
  });

  /** What a process hears that is started as on Railway. */
  async function heard(servername: string, environment: Record<string, string>) {
    const { port } = server.address() as AddressInfo;
    const program = `
      const { connect } = require("node:tls");
      const socket = connect({ host: "127.0.0.1", port: ${port}, servername: "${servername}" });
      socket.on("data", (data) => { console.log(String(data)); socket.end(); });
      socket.on("error", (error) => { console.log(error.code); process.exit(0); });`;
    const { output } = await run(["sh", "templates/railway/start.sh", process.execPath, "-e", program], {
      ...environment,
      RUN_AS: "nobody-of-that-name",
    });
    return output.trim();
  }

  test("is trusted by its private name and over a tunnel, once its authority is", async () => {
    expect(await heard(privateName, { DATABASE_CA: authority })).toBe("hello");
    expect(await heard("localhost", { DATABASE_CA: authority })).toBe("hello");
  });

  test("is trusted by no other name, and by nobody who was not given its authority", async () => {
    expect(await heard("other.railway.internal", { DATABASE_CA: authority })).toBe(
      "ERR_TLS_CERT_ALTNAME_INVALID",
    );
    expect(await heard(privateName, {})).toMatch(/SELF_SIGNED|UNABLE_TO/);
  });

  test("keeps it over restarts: Railway's image makes a new one only for want of localhost or of 30 days", async () => {
    const file = join(certificates, "server.crt");
    expect((await run(["openssl", "x509", "-noout", "-text", "-in", file])).output).toContain(
      "DNS:localhost",
    );
    expect((await run(["openssl", "x509", "-checkend", "2592000", "-noout", "-in", file])).exitCode).toBe(0);
  });

  test("leaves no key where others read it, and no key in what is printed", async () => {
    const modes = await run([
      "stat",
      "-c",
      "%a",
      join(certificates, "root.key"),
      join(certificates, "server.key"),
    ]);
    expect(modes.output).toBe("600\n600\n");
    expect(authority).not.toContain("PRIVATE");
  });
});
