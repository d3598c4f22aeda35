import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { commands } from "../src/cli/commands.ts";
import { exitCodes } from "../src/cli/exit-codes.ts";
import { isRun, matches, notRun } from "./docs-commands/not-run.ts";
import { prepared } from "./docs-commands/prepared.ts";
import { quickPages } from "./docs-commands/quick-pages.ts";
import { runPage } from "./docs-commands/run-page.ts";
import { openShell } from "./docs-commands/shell.ts";
import { fedArguments, root, shellLines } from "./docs-commands/shell-lines.ts";
import { type DocsWorld, startDocsWorld } from "./docs-commands/world.ts";

const shown = await shellLines();
const onlyParsed = shown.flatMap((one) => (isRun(one) ? [] : (fedArguments(one.line) ?? [])));

let world: DocsWorld;
beforeAll(async () => {
  world = await startDocsWorld();
}, 60_000);
afterAll(() => world?.close(), 60_000);

test.each(quickPages)("the commands of %s can be run as they stand", (page) => runPage(world, page), 60_000);

test("every entry of the tables speaks of a command that the docs show", () => {
  for (const entry of notRun)
    expect([entry, shown.some((one) => matches(entry, one))]).toEqual([entry, true]);
  for (const { page, line } of prepared)
    expect([page, line, shown.some((one) => matches({ page, line }, one) && isRun(one))]).toEqual([
      page,
      line,
      true,
    ]);
});

test("the docs show commands of fed, and every one exists", () => {
  const lines = shown.flatMap(({ line }) => fedArguments(line) ?? []);
  expect(lines.length).toBeGreaterThan(20);
  const names = new Set(["help", ...commands.map(({ name }) => name)]);
  expect(lines.filter((line) => !names.has(line.split(" ")[0] ?? ""))).toEqual([]);
});

/** They would begin their work before anything refuses them. */
const worksAtOnce = new Set(["up", "init", "migrate"]);
test.concurrent.each([...new Set(onlyParsed)].filter((line) => !worksAtOnce.has(line.split(" ")[0] ?? "")))(
  "fed takes `fed %s`, which is not run, whatever then answers",
  async (line) => {
    const { exitCode, output } = await parsed(words(line));
    expect([line, exitCode === exitCodes.usage ? output : ""]).toEqual([line, ""]);
  },
);

test("what is not run is at least shell", async () => {
  const text = shown.filter((one) => !isRun(one)).map(({ line }) => line.replaceAll(/<[a-z]+>/g, "x"));
  const child = Bun.spawn(["bash", "-n"], { stdin: new Blob([text.join("\n")]), stderr: "pipe" });
  expect([await new Response(child.stderr).text(), await child.exited]).toEqual(["", 0]);
});

test("a command with an option that does not exist is told from one that only reaches nobody", async () => {
  expect((await parsed(["list", "--no-such-option"])).exitCode).toBe(exitCodes.usage);
  expect((await parsed(["list"])).exitCode).not.toBe(exitCodes.usage);
});

test("a line that fails, one that does not exist and one that the API refuses are told from one that works", async () => {
  const shell = openShell(world);
  shell.set({ URL: world.url });
  const codes: number[] = [];
  for (const line of ["true", "fed list", "fed fly", "no-such-program", "curl $URL/api/v1/departments"])
    codes.push((await shell.run(line)).exitCode);
  await shell.close();
  expect(codes).toEqual([0, 0, exitCodes.usage, 127, 22]);
});

test("`fed help <command>` says how each command is called", async () => {
  for (const { name, synopsis } of commands.slice(0, 3))
    expect((await parsed(["help", name])).output).toContain(`usage: ${`fed ${name} ${synopsis}`.trimEnd()}`);
});

const words = (line: string) =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain);

/** No server and no database is there: what the parser takes fails later, with another code. */
async function parsed(args: string[]): Promise<{ exitCode: number; output: string }> {
  const child = Bun.spawn([process.execPath, join(root, "src/cli/main.ts"), ...args], {
    cwd: world.directory,
    env: {
      PATH: process.env["PATH"],
      DATA_DIR: join(world.directory, "nothing"),
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
