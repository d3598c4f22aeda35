import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { commands } from "../src/cli/commands.ts";
import { exitCodes } from "../src/cli/exit-codes.ts";
import { environment } from "../src/config/environment.ts";
import { authorization } from "../src/http/authorization.ts";
import { movePlan, type PlannedStep, provisionPlan } from "../src/provisioning/plans.ts";
import { runTransitions, stepTransitions } from "../src/provisioning/state.ts";

const root = join(import.meta.dir, "..");
const read = (path: string) => Bun.file(join(root, path)).text();
const pages = ["README.md", ...new Glob("docs/**/*.md").scanSync(root)].sort();
const repositoryPath =
  /(?<![\w./<-])(?:src|jobs|sql|templates|test|bench|examples|docs|\.ci)\/[\w.*/-]*[\w*]|(?<=`)(?:Dockerfile|Procfile|package(?:-lock)?\.json)(?=`)/g;

describe("every path named exists:", () => {
  test.each(pages)("%s", async (page) => {
    const named = [...(await read(page)).matchAll(repositoryPath)].map(([path]) => path);
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });
});

describe("every relative link leads somewhere:", () => {
  test.each(pages)("%s", async (page) => {
    const links = [...(await read(page)).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(
      (match) => match[1] ?? "",
    );
    const relative = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(relative.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });
});

test("the README's configuration table names exactly the variables of src/config/environment.ts", async () => {
  const variables = Object.keys(environment.shape);
  expect(variables.length).toBeGreaterThan(10);
  const named = (await tableOf("README.md", "variable")).map(([name = ""]) => unquoted(name));
  expect(named.toSorted()).toEqual(variables.toSorted());
});

test("the README's exit codes are those of src/cli/exit-codes.ts", async () => {
  const table = await tableOf("README.md", "exit code");
  const codes = table.map(([code, name = ""]) => [unquoted(name), Number(code)]);
  expect(Object.fromEntries(codes)).toEqual(exitCodes);
});

test("the README's commands are those of fed, in order", async () => {
  const table = await tableOf("README.md", "command");
  expect(table.map(([name = ""]) => unquoted(name))).toEqual(commands.map(({ name }) => name));
});

test("the calls of docs/api.md are the authorization matrix", async () => {
  const table = await tableOf("docs/api.md", "call");
  const calls = table.map(([call = "", callers, scope = ""]) => [
    unquoted(call),
    { callers, ...(scope !== "" && { scope: unquoted(scope) }) },
  ]);
  expect(calls).toEqual(Object.entries(authorization));
});

test("the state diagrams of docs/architecture.md are src/provisioning/state.ts", async () => {
  const diagrams = [...(await read("docs/architecture.md")).matchAll(/^stateDiagram-v2\n(.*?)^```/gms)];
  const drawn = diagrams.map((match) =>
    [...(match[1] ?? "").matchAll(/^ *(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} ${to}`).toSorted(),
  );
  expect(drawn).toEqual([edgesOf(runTransitions), edgesOf(stepTransitions)]);
});

test.each([provisionPlan, movePlan])(
  "the steps of $kind drawn in docs/architecture.md are the plan",
  async (plan) => {
    const begin = new RegExp(`^flowchart LR\\n( {2}${plan.steps[0]?.name}.*?)^\`\`\``, "ms");
    const drawing = begin.exec(await read("docs/architecture.md"))?.[1] ?? "";
    const edges = drawing.split("\n").flatMap((line) => {
      const groups = line.split("-->").map((group) => group.split("&").map((name) => name.trim()));
      return groups
        .slice(1)
        .flatMap((to, at) => (groups[at] ?? []).flatMap((from) => to.map((name) => `${from} ${name}`)));
    });
    const steps: readonly PlannedStep[] = plan.steps;
    const needed = steps.flatMap(({ name, needs }) => needs.map((need) => `${need} ${name}`));
    expect(edges.toSorted()).toEqual(needed.toSorted());
  },
);

test("no two decisions have the same number", () => {
  const numbers = pages.flatMap((page) => /^docs\/decisions\/(\d{4})-/.exec(page)?.[1] ?? []);
  expect(new Set(numbers).size).toBe(numbers.length);
});

/** A path, or a pattern that fits one at least. */
function exists(path: string): boolean {
  if (!path.includes("*")) return existsSync(join(root, path));
  return !new Glob(path).scanSync(root).next().done;
}

/** The rows of the first table whose head begins with this cell. */
async function tableOf(page: string, head: string): Promise<string[][]> {
  const lines = (await read(page)).split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`)) + 2;
  if (start === 1) throw new Error(`${page} has no table that begins with ${head}`);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith("|"));
  const rows = lines.slice(start, end === -1 ? undefined : end).filter((line) => line !== "");
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const unquoted = (cell: string) => cell.replaceAll("`", "");
const edgesOf = (transitions: Record<string, readonly string[]>) =>
  Object.entries(transitions)
    .flatMap(([from, next]) => next.map((to) => `${from} ${to}`))
    .toSorted();
