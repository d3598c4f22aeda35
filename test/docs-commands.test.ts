import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Glob } from "bun";
import { commands } from "../src/cli/commands.ts";
import { exitCodes } from "../src/cli/exit-codes.ts";

const root = join(import.meta.dir, "..");
const pages = ["README.md", ...new Glob("docs/**/*.md").scanSync(root)].sort();

/** Not run, not even to be parsed: they would begin their work before anything refuses them. */
const onlyNamed: Readonly<Record<string, string>> = {
  up: "starts an installation; test/cli/fed.test.ts runs it",
  init: "makes roles in a Postgres; test/cli/init.test.ts runs it",
  migrate: "works on a Postgres; test/cli/init.test.ts runs it",
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-docs-"));
  await symlink(join(root, "examples"), join(directory, "examples"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const inDocs = await Promise.all(pages.map(fedLines)).then((lists) => [...new Set(lists.flat())]);

test("the docs show commands of fed, and every one exists", () => {
  expect(inDocs.length).toBeGreaterThan(20);
  const names = new Set(["help", ...commands.map(({ name }) => name)]);
  expect(inDocs.filter((line) => !names.has(line.split(" ")[0] ?? ""))).toEqual([]);
});

test.concurrent.each(inDocs.filter((line) => !((line.split(" ")[0] ?? "") in onlyNamed)))(
  "fed takes `fed %s`, whatever then answers",
  async (line) => {
    const { exitCode, output } = await parsed(words(line));
    expect([line, exitCode === exitCodes.usage ? output : ""]).toEqual([line, ""]);
  },
);

test("a command with an option that does not exist is told from one that only reaches nobody", async () => {
  expect((await parsed(["list", "--no-such-option"])).exitCode).toBe(exitCodes.usage);
  expect((await parsed(["list"])).exitCode).not.toBe(exitCodes.usage);
});

test("`fed help <command>` says how each command is called", async () => {
  for (const { name, synopsis } of commands.slice(0, 3))
    expect((await parsed(["help", name])).output).toContain(`usage: ${`fed ${name} ${synopsis}`.trimEnd()}`);
});

/** Calls of `fed` in a page's shell blocks, without what comes before the name, comments and redirections. */
async function fedLines(page: string): Promise<string[]> {
  const text = await Bun.file(join(root, page)).text();
  const blocks = [...text.matchAll(/^```(?:sh|bash|shell)\n(.*?)^```/gms)].map(([, block = ""]) => block);
  return blocks
    .flatMap((block) => block.replaceAll("\\\n", " ").split("\n"))
    .flatMap(
      (line) => /^\s*(?:\S.* )?fed (?:-- )?([a-z][^#|<>&;]*(?:<[a-z]+>[^#|<>&;]*)*)/.exec(line)?.[1] ?? [],
    )
    .map((line) => line.replace(/\s+/g, " ").trim());
}

const words = (line: string) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain);

/** No server and no database is there: what the parser takes fails later, with another code. */
async function parsed(args: string[]): Promise<{ exitCode: number; output: string }> {
  const child = Bun.spawn([process.execPath, join(root, "src/cli/main.ts"), ...args], {
    cwd: directory,
    env: {
      PATH: process.env["PATH"],
      DATA_DIR: directory,
      FEDERATION_URL: "http://127.0.0.1:1",
      FEDERATION_API_KEY: "not-a-key",
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode: await child.exited, output: out + err };
}
