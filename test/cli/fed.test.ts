import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** `fed up` and the commands beside it, as a person runs them: real processes, a data directory of their own. */
const main = join(import.meta.dir, "../../src/cli/main.ts");
let directory: string;
let up: Bun.Subprocess<"ignore", "pipe", "inherit">;

const environment = (more: Record<string, string> = {}) => ({
  ...process.env,
  DATA_DIR: join(directory, "data"),
  PORT: "0",
  LOG_LEVEL: "error",
  ...more,
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-cli-"));
  up = await startUp();
}, 60_000);

afterAll(async () => {
  up.kill("SIGTERM");
  await up.exited;
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function startUp() {
  const child = Bun.spawn([process.execPath, main, "up", "--no-examples"], {
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const decoder = new TextDecoder();
  let printed = "";
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk);
    if (printed.includes("Up after")) break;
  }
  expect(printed).toContain("Up after");
  return child;
}

async function fed(args: string[], options: { env?: Record<string, string>; input?: string } = {}) {
  const child = Bun.spawn([process.execPath, main, ...args], {
    env: environment(options.env),
    stdin: options.input === undefined ? "ignore" : new Blob([options.input]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}

const someone = ["--email", "someone@example.org"];

test("what opens the installation is readable by its owner only", async () => {
  for (const name of ["kek", "admin.key", "database.json"]) {
    expect((await stat(join(directory, "data", name))).mode & 0o777).toBe(0o600);
  }
});

test("a department is planned, made, shown, listed and taken away", async () => {
  const plan = await fed(["plan", "legal", ...someone]);
  expect([plan.code, JSON.parse(plan.out).possible]).toEqual([0, true]);
  const made = await fed(["provision", "legal", ...someone, "--watch"]);
  expect(made.code).toBe(0);
  expect(made.out).toContain("activate");
  expect((await fed(["plan", "legal", ...someone])).code).toBe(8);
  const list = await fed(["list", "--json"]);
  expect(JSON.parse(list.out)).toMatchObject([{ department_id: "legal", status: "active" }]);
  const show = await fed(["show", "legal", "--json"]);
  expect(JSON.parse(show.out)).toMatchObject({
    status: "active",
    health: { checks: { agent: { status: "ready" } } },
  });
  expect((await fed(["config", "versions", "legal"])).code).toBe(0);
  expect((await fed(["db", "lint"])).out).toContain("nothing found");
  const gone = await fed(["deprovision", "legal", "--yes", "--grace-hours", "0", "--watch"]);
  expect(gone.code).toBe(0);
  expect(gone.out).toContain('"signature"');
}, 60_000);

test("exit codes tell a script what happened", async () => {
  const nobody = { FEDERATION_API_KEY: "fed_dev_aaaaaaaa_nonsense" };
  const away = { FEDERATION_URL: "http://127.0.0.1:9", FEDERATION_API_KEY: "x" };
  const codes = await Promise.all([
    fed(["nonsense"]),
    fed(["list", "--nonsense"]),
    fed(["list"], { env: nobody }),
    fed(["show", "nobody"]),
    fed(["provision", "UPPER", ...someone]),
    fed(["list"], { env: away }),
    fed(["deprovision", "legal"]),
  ]);
  expect(codes.map(({ code }) => code)).toEqual([2, 2, 3, 4, 5, 7, 2]);
  for (const { out, err } of codes) {
    expect(out).toBe("");
    expect(err).not.toContain("    at ");
  }
}, 60_000);

test("errors are JSON where JSON was asked for, and name the field", async () => {
  const { code, err } = await fed(["provision", "UPPER", ...someone, "--json"]);
  expect(code).toBe(5);
  expect(JSON.parse(err).errors[0]).toMatchObject({ path: "department_id" });
});

test("the doctor finds nothing wrong with a fresh installation", async () => {
  const { code, out } = await fed(["doctor", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(out).filter(({ level }: { level: string }) => level === "error")).toEqual([]);
});

test("a second one in the same place says so, and the first goes on", async () => {
  const second = await fed(["up", "--no-examples", "--once"]);
  expect(second.code).toBe(1);
  expect(second.err).toContain("already_up");
  expect((await fed(["list"])).code).toBe(0);
}, 60_000);

test("killed without warning, it takes its processes with it and starts again with its data", async () => {
  expect((await fed(["provision", "kept", ...someone, "--watch"])).code).toBe(0);
  const children = await descendants(up.pid);
  expect(children.length).toBeGreaterThanOrEqual(4);
  up.kill("SIGKILL");
  await up.exited;
  for (let tries = 0; tries < 200 && children.some(isAlive); tries++) await Bun.sleep(50);
  expect(children.filter(isAlive)).toEqual([]);
  up = await startUp();
  const list = await fed(["list", "--status", "active", "--json"]);
  expect(JSON.parse(list.out)).toMatchObject([{ department_id: "kept" }]);
}, 90_000);

async function descendants(pid: number): Promise<number[]> {
  const text = await Bun.$`ps -e -o pid=,ppid=`.text();
  const rows = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    rows.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}

/** A zombie that nobody reaps is dead. */
function isAlive(pid: number): boolean {
  const { stdout } = Bun.spawnSync(["ps", "-o", "stat=", "-p", String(pid)]);
  const state = stdout.toString().trim();
  return state !== "" && !state.startsWith("Z");
}
