import { afterEach, beforeEach, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const lock = '{ "lockfileVersion": 3 }\n';

// A project of our own with fakes for npm and Bun, which write down how they were called.
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-bootstrap-"));
  await mkdir(join(directory, "src"));
  await cp(join(root, "src/bootstrap.mjs"), join(directory, "src/bootstrap.mjs"));
  await Bun.write(join(directory, "package-lock.json"), lock);
  await script("path/npm", 'echo "npm $*" >> calls; exit "${NPM_EXIT:-0}"');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test("start installs production dependencies once, then starts `up` on Bun", async () => {
  await fakeBun();
  expect(await bootstrap("start", "--port", "0")).toBe(0);
  expect(await bootstrap("start")).toBe(0);
  expect(await calls()).toEqual([
    expect.stringContaining("npm ci --omit=dev"),
    "bun src/cli/main.ts up --port 0",
    "bun src/cli/main.ts up",
  ]);
});

test("test adds the rest to installed production dependencies, and start is content with that", async () => {
  await fakeBun();
  for (const command of ["start", "test", "start", "test:long"]) await bootstrap(command);
  expect(await calls()).toEqual([
    expect.stringContaining("npm ci --omit=dev"),
    "bun src/cli/main.ts up",
    expect.stringContaining("npm install --no-save --include=dev"),
    "bun test/run.ts",
    "bun src/cli/main.ts up",
    "bun test/run.ts --suite=long",
  ]);
});

test("test on a fresh clone installs exactly the lock file", async () => {
  await fakeBun();
  await bootstrap("test");
  expect(await calls()).toEqual([expect.stringContaining("npm ci --include=dev"), "bun test/run.ts"]);
});

test("another lock file is installed again", async () => {
  await fakeBun();
  await bootstrap("start");
  await Bun.write(join(directory, "package-lock.json"), `${lock}\n`);
  await bootstrap("start");
  expect((await calls()).filter((call) => call.startsWith("npm"))).toHaveLength(2);
});

test("a failed installation is tried again next time", async () => {
  await fakeBun();
  expect(await bootstrap("start", { NPM_EXIT: "7" })).toBe(1);
  expect(await bootstrap("start")).toBe(0);
  expect((await calls()).at(-1)).toBe("bun src/cli/main.ts up");
});

test("where install scripts are off, the binary of the platform's package runs", async () => {
  await Bun.write(join(directory, "node_modules/bun/bin/bun.exe"), "a placeholder");
  await fakeBun("node_modules/@oven/bun-linux-x64/bin/bun");
  expect(await bootstrap("list", "--json")).toBe(0);
  expect((await calls()).at(-1)).toBe("bun src/cli/main.ts list --json");
});

test("the exit code is that of the command", async () => {
  await fakeBun(undefined, "exit 42");
  expect(await bootstrap("test")).toBe(42);
});

test("a signal reaches the command, which decides how it ends", async () => {
  await fakeBun(undefined, 'trap "exit 9" TERM; echo ready; while :; do sleep 0.05; done');
  const child = spawn(["start"], {});
  await child.stdout.getReader().read();
  child.kill("SIGTERM");
  expect(await child.exited).toBe(9);
});

async function script(path: string, text: string) {
  await Bun.write(join(directory, path), `#!/bin/sh\n${text}\n`);
  await chmod(join(directory, path), 0o755);
}

async function fakeBun(path = "node_modules/bun/bin/bun.exe", text = ":") {
  await script(path, `[ "$1" = --version ] && exit 0\necho "bun $*" >> calls\n${text}`);
  const stamp = `other ${createHash("sha256").update(lock).digest("hex")}`;
  await Bun.write(join(directory, "node_modules/.federation-stamp"), stamp);
}

function spawn(args: readonly string[], env: Record<string, string>) {
  const path = `${join(directory, "path")}:${process.env["PATH"]}`;
  return Bun.spawn(["node", join(directory, "src/bootstrap.mjs"), ...args], {
    env: { ...process.env, ...env, PATH: path },
    stdio: ["ignore", "pipe", "ignore"],
  });
}

async function bootstrap(...args: (string | Record<string, string>)[]): Promise<number> {
  const env = args.find((argument) => typeof argument === "object") ?? {};
  return await spawn(
    args.filter((argument) => typeof argument === "string"),
    env,
  ).exited;
}

async function calls(): Promise<string[]> {
  return (await readFile(join(directory, "calls"), "utf8")).trim().split("\n");
}
