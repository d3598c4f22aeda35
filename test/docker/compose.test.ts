import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "../../src/client/client.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { choosePort } from "../../src/up/choose-port.ts";
import { docker, root } from "./docker.ts";
import { buildPostgresImage } from "./postgres-image.ts";

/** The start of docs/deploy/docker.md on an empty machine, word by word, with a stand-in for the image of Postgres. */
const project = "federation-compose-test";
const images = { control: `${project}:1`, postgres: `${project}-postgres:18` };
const hardened = [
  "--read-only",
  "--tmpfs",
  "/tmp",
  "--cap-drop",
  "ALL",
  "--security-opt",
  "no-new-privileges",
];
const containers = { web: `${project}-web`, worker: "", postgres: "" };
let directory: string;
let environment: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-compose-"));
  await copySources();
  environment = {
    COMPOSE_PROJECT_NAME: project,
    FEDERATION_IMAGE: images.control,
    POSTGRES_IMAGE: images.postgres,
    WEB_CONTAINER: containers.web,
    WEB_PORT: String(await choosePort(0, "127.0.0.1")),
    ENGINE_SOCKET: "/dev/null",
  };
  await buildPostgresImage(images.postgres);
  // Leaves the layers that need the network in the cache: a build inside Compose may not have the machine's.
  await docker("build", "--network", "host", "--tag", images.control, directory);
  for (const line of await documentedStart()) await shell(line).catch(withLogs);
  containers.worker = (await compose("ps -q worker")).trim();
  containers.postgres = (await compose("ps -q postgres")).trim();
  await untilHealthy();
}, 600_000);

afterAll(async () => {
  await compose("down --volumes --remove-orphans");
  await docker("rmi", images.control, images.postgres);
  await rm(directory, { recursive: true });
}, 120_000);

/** What somebody has who cloned the repository, but for what no image needs. */
async function copySources() {
  const parts = ["Dockerfile", ".dockerignore", "compose.yaml", ".env.example", "Procfile", ".npmrc"];
  const folders = ["src", "jobs", "sql", "templates"];
  for (const name of [...parts, "package.json", "package-lock.json", "tsconfig.json", ...folders])
    await cp(join(root, name), join(directory, name), { recursive: true });
}

async function documentedStart(): Promise<string[]> {
  const page = await readFile(join(root, "docs/deploy/docker.md"), "utf8");
  const lines = (/## Start.*?```sh\n(.*?)```/s.exec(page)?.[1] ?? "").trim().split("\n");
  expect(lines).toContain("docker compose up -d --build");
  return lines;
}

/** A line of the documentation. Without the plugin, `docker compose` is the older command of its own. */
async function shell(line: string): Promise<string> {
  const standIn = `docker() { if [ "$1" = compose ] && ! command docker compose version >/dev/null 2>&1
    then shift; docker-compose "$@"; else command docker "$@"; fi; }`;
  const child = Bun.spawn(["bash", "-euc", `${standIn}\n${line}`], {
    cwd: directory,
    env: { ...process.env, ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`${line}:\n${`${out}\n${err}`.slice(-3000)}`);
  if (line.startsWith("cp .env.example")) await editSettings();
  return out;
}

/** Production asks for most. Agents of the host `local` need the supervisor of `fed up`: a run is accepted and waits. */
async function editSettings() {
  const edits = {
    "FEDERATION_ENV=staging": "FEDERATION_ENV=production",
    "PUBLIC_URL=http://127.0.0.1:3000": "PUBLIC_URL=https://assistants.example.com",
    "HOSTS=docker": "HOSTS=local",
  };
  const file = join(directory, ".env");
  let settings = await readFile(file, "utf8");
  for (const [text, by] of Object.entries(edits)) {
    expect(settings).toContain(`\n${text}\n`);
    settings = settings.replace(text, by);
  }
  await writeFile(file, settings);
}

/** What the containers said, which Compose does not tell. */
async function withLogs(cause: unknown): Promise<never> {
  throw new Error(`the start failed:\n${await compose("logs --no-color --tail 40")}`, { cause });
}

const compose = (command: string) => shell(`docker compose ${command}`);
const inspect = (container: string, format: string) => docker("inspect", "--format", format, container);
const healthOf = (container: string) => inspect(container, "{{.State.Health.Status}}");
const url = () => `http://127.0.0.1:${environment["WEB_PORT"]}`;
const kept = (service: string, file: string) => compose(`run --rm -T --entrypoint cat ${service} ${file}`);

async function untilHealthy() {
  while ((await healthOf(containers.web)) === "starting") await Bun.sleep(200);
  expect(await healthOf(containers.web)).toBe("healthy");
}

test("web is ready and the doctor finds nothing wrong", async () => {
  expect((await fetch(`${url()}/readyz`)).status).toBe(200);
  const findings: { level: string }[] = JSON.parse(await compose("exec -T worker fed doctor --json"));
  expect(findings.length).toBeGreaterThan(4);
  expect(findings.filter(({ level }) => level === "error")).toEqual([]);
}, 60_000);

test("the first admin's key is taken, and a department accepted", async () => {
  const key = (await kept("fed", "/logins/admin/api-key")).trim();
  const client = createClient({ url: url(), key: new Secret(key) });
  const body = {
    department_id: "legal",
    department_name: "Legal",
    enabled_tools: ["database"],
    admin_email: "legal@example.com",
  };
  expect(await client.send("POST", "/provision-department", body)).toMatchObject({ status: "provisioning" });
  expect(await compose("run --rm -T fed list")).toContain("legal");
}, 60_000);

test("no process is root, may become it, or writes anywhere but to its volumes", async () => {
  const format = `{"readOnly":{{json .HostConfig.ReadonlyRootfs}},"dropped":{{json .HostConfig.CapDrop}},
    "added":{{json .HostConfig.CapAdd}},"options":{{json .HostConfig.SecurityOpt}},"processes":{{json .HostConfig.PidsLimit}},
    "memory":{{json .HostConfig.Memory}},"cpus":{{json .HostConfig.NanoCpus}}}`;
  for (const container of Object.values(containers)) {
    expect(JSON.parse(await inspect(container, format))).toEqual({
      readOnly: true,
      dropped: ["ALL"],
      added: null,
      options: ["no-new-privileges:true"],
      processes: expect.any(Number),
      memory: expect.any(Number),
      cpus: expect.any(Number),
    });
    const processes = (await docker("top", container, "-o", "pid,uid")).split("\n").slice(1);
    expect(processes.map((line) => line.trim().split(/ +/)[1])).not.toContain("0");
  }
}, 60_000);

test("nothing that opens anything is in a container's settings or command", async () => {
  const secrets = await Promise.all(
    ["kek", "postgres-password"].map((name) => readFile(join(directory, "secrets", name), "utf8")),
  );
  const files = ["/logins/web/database-url", "/logins/web/gateway-url", "/logins/worker/provisioner-url"];
  for (const file of files)
    secrets.push(decodeURIComponent(new URL((await compose(`exec -T worker cat ${file}`)).trim()).password));
  const all = await docker(
    "ps",
    "--all",
    "--quiet",
    "--filter",
    `label=com.docker.compose.project=${project}`,
  );
  const shown = await docker("inspect", ...all.split("\n"));
  for (const secret of secrets) {
    expect(secret.trim().length).toBeGreaterThan(20);
    expect(shown).not.toContain(secret.trim());
  }
}, 60_000);

test("web reaches neither the provisioner's login nor the superuser's, nor the engine", async () => {
  const seen = await compose(
    "exec -T web sh -c 'ls /logins/worker /logins/admin /run/secrets; ls -d /var/run/docker.sock || true'",
  );
  expect(seen.split("\n").filter((line) => line !== "" && !line.endsWith(":"))).toEqual(["kek"]);
  const script = `import postgres from "postgres";
    const sql = postgres("postgres://postgres@socket/federation", { host: "/run/postgresql" });
    console.log(await sql\`select 1\`.catch((error) => error.code));
    process.exit();`;
  expect((await compose(`exec -T web bun -e '${script}'`)).trim()).toBe("28P01");
}, 60_000);

test("a second start changes nothing, and the same key opens", async () => {
  const ids = await compose("ps -q web worker postgres");
  const key = await kept("fed", "/logins/admin/api-key");
  const login = await compose("exec -T web cat /logins/web/database-url");
  await compose("up -d");
  expect(await compose("ps -q web worker postgres")).toBe(ids);
  expect(await kept("fed", "/logins/admin/api-key")).toBe(key);
  expect(await compose("exec -T web cat /logins/web/database-url")).toBe(login);
  expect(await compose("run --rm -T fed list")).toContain("legal");
}, 120_000);

test("without its database web is not healthy, and the worker is not called so", async () => {
  const check = (service: string) =>
    compose(`exec -T ${service} bun src/health-check.ts && echo well || echo not`);
  expect((await check("web")).trim()).toBe("well");
  await compose("stop postgres");
  expect((await check("web")).trim()).toBe("not");
  expect((await check("worker")).trim()).toBe("well");
  await compose("start postgres");
  while ((await check("web")).trim() !== "well") await Bun.sleep(200);
}, 120_000);

test("web and worker end by themselves when they are asked to, as PID 1 as well", async () => {
  for (const [name, command] of Object.entries({ web: "src/server.ts", worker: "jobs/worker.ts" })) {
    const model = name === "web" ? containers.web : containers.worker;
    const settings: string[] = JSON.parse(await inspect(model, "{{json .Config.Env}}"));
    const alone = `${project}-alone`;
    const options = [...hardened, "--volumes-from", model, ...settings.flatMap((line) => ["--env", line])];
    await docker("run", "--detach", "--name", alone, ...options, images.control, "bun", command);
    while (!(await docker("logs", alone)).includes(`${name} ready`)) await Bun.sleep(100);
    for (const container of [alone, model]) {
      await docker("stop", "--time", "10", container);
      expect([name, await inspect(container, "{{.State.ExitCode}}")]).toEqual([name, "0"]);
    }
    await docker("rm", alone);
  }
}, 120_000);

test("the image names what is in it", async () => {
  const text = await docker("run", "--rm", images.control, "cat", "sbom.cdx.json");
  const { components }: { components: { name: string; version: string }[] } = JSON.parse(text);
  const { dependencies }: { dependencies: Record<string, string> } = await Bun.file(
    join(root, "package.json"),
  ).json();
  const listed = Object.fromEntries(components.map(({ name, version }) => [name, version]));
  for (const [name, version] of Object.entries(dependencies))
    expect([name, listed[name]]).toEqual([name, version]);
});
