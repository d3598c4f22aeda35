import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { z } from "zod";

/** What the Dockerfile promises, read as a file: test/docker builds and runs it. */
const root = join(import.meta.dir, "../..");
const read = (path: string) => Bun.file(join(root, path)).text();
const dockerfile = await read("Dockerfile");
const linesOf = (name: string) =>
  [...dockerfile.matchAll(new RegExp(`^${name} (.*)$`, "gm"))].map((match) => match[1] ?? "");

test("the image's last user is not root, and its bases are pinned", async () => {
  expect(linesOf("USER")).toEqual(["bun"]);
  const bases = linesOf("FROM").map((line) => line.split(" ")[0] ?? "");
  expect(bases.filter((base) => !/:\d+(\.\d+)*-slim$/.test(base))).toEqual([]);
  const { dependencies } = z
    .object({ dependencies: z.object({ bun: z.string() }) })
    .parse(JSON.parse(await read("package.json")));
  expect(bases.at(-1)).toBe(`oven/bun:${dependencies.bun}-slim`);
});

test("its commands are those of the Procfile, and without one it is web", async () => {
  const documented = [...dockerfile.matchAll(/^# {3}(\w+) +(.*)$/gm)].map(
    ([, name, command]) => `${name}: ${command}`,
  );
  expect(documented).toEqual((await read("Procfile")).trim().split("\n"));
  const commands = documented.map((line) => line.replace(/^\w+: /, ""));
  expect(await run(undefined)).toBe(commands[0] ?? "");
  for (const command of commands) expect(await run(command)).toBe(command);
});

/** What the image starts, with a shell in the image's place and a bun that says what it was asked. */
async function run(command: string | undefined): Promise<string> {
  const [words = "[]"] = linesOf("CMD");
  const directory = await mkdtemp(join(tmpdir(), "federation-image-"));
  try {
    await writeFile(join(directory, "bun"), '#!/bin/sh\necho bun "$@"\n', { mode: 0o755 });
    const env = { PATH: `${directory}:/usr/bin:/bin`, ...(command && { COMMAND: command }) };
    const child = Bun.spawn(z.array(z.string()).parse(JSON.parse(words)), { env, stdout: "pipe" });
    return (await child.stdout.text()).trim();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const patterns = (await read(".dockerignore")).trim().split("\n");

/** As Docker reads the file: a pattern covers what is below it, and the last one that fits decides. */
function isSent(path: string): boolean {
  const parts = path.split("/");
  const parents = parts.map((_, at) => parts.slice(0, at + 1).join("/"));
  const last = patterns.findLast((line) => {
    const glob = new Glob(line.replace(/^!/, ""));
    return parents.some((parent) => glob.match(parent));
  });
  return last === undefined || last.startsWith("!");
}

test("only what the processes need goes into the image", () => {
  const needed = [
    "package-lock.json",
    "Procfile",
    "src/server.ts",
    "jobs/steps/database.ts",
    "sql/0001_roles.sql",
  ];
  const kept = [
    ".env",
    "secrets/kek",
    ".git/config",
    ".data/kek",
    "node_modules/hono/package.json",
    "compose.yaml",
  ];
  const others = [
    "test/run.ts",
    "docs/api.md",
    "templates/agent/main.ts",
    "templates/agent/node_modules/a/b.js",
  ];
  expect(needed.filter((path) => !isSent(path))).toEqual([]);
  expect([...kept, ...others].filter(isSent)).toEqual([]);
});

test("what src and jobs read of templates goes into the image", async () => {
  const sources = [...new Glob("{src,jobs}/**/*.{ts,tsx}").scanSync(root)];
  const texts = await Promise.all(sources.map(read));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/\.\.\/templates\/([\w.-]+)/g)].map(([, name = ""]) => name),
  );
  // The agent is an image of its own; the host `local`, which starts it from here, is not for containers.
  const needed = [...new Set(names)].filter((name) => name !== "agent");
  expect(needed).toContain("schema");
  expect(needed.filter((name) => !isSent(`templates/${name.includes(".") ? name : `${name}/file`}`))).toEqual(
    [],
  );
});
