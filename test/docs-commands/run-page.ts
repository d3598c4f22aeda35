import { expect } from "bun:test";
import { isRun, matches } from "./not-run.ts";
import { prepared } from "./prepared.ts";
import { openShell, type Shell } from "./shell.ts";
import { type ShellLine, shellLines } from "./shell-lines.ts";
import { anotherDirectory, type DocsWorld } from "./world.ts";

const hint =
  "if the docs are right: a value or a state goes into test/docs-commands/prepared, a reason not to run it into not-run.ts";
/** Their `.env` and settings are not those of the installation in which the others run. */
const elsewhere = new Set(["docs/deploy/docker.md", "docs/guides/own-machines.md"]);

/** Runs the commands of a page in one shell, as they stand and in their order. */
export async function runPage(world: DocsWorld, page: string): Promise<void> {
  const shell = openShell(world, elsewhere.has(page) ? await anotherDirectory(world) : undefined);
  let printed = "";
  try {
    for (const one of await shellLines())
      if (one.page === page && isRun(one)) printed = await runLine(world, shell, one, printed);
  } finally {
    await shell.close();
  }
}

async function runLine(world: DocsWorld, shell: Shell, one: ShellLine, printed: string): Promise<string> {
  const { before, exitCode = 0 } = prepared.find((entry) => matches(entry, one)) ?? {};
  const { set = {}, replace = {} } = (await before?.(world, printed)) ?? {};
  shell.set(set);
  const command = Object.entries(replace).reduce((text, [from, to]) => text.replaceAll(from, to), one.line);
  const done = await shell.run(command);
  const said = done.exitCode === exitCode ? "" : `${done.output}\n(${hint})`;
  expect([command, done.exitCode, said]).toEqual([command, exitCode, ""]);
  return done.output;
}
