import { afterAll, beforeAll, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";

const root = join(import.meta.dir, "../..");
const lines = (count: number) => Array.from({ length: count }, (_, at) => `  use(${at});`).join("\n");
const declareUse = "declare function use(value: unknown): void;\n";

interface Fixture {
  guarantee: string;
  path: string;
  text: string;
  rule: string;
}

const bad: readonly Fixture[] = [
  ...rule("typescript(no-floating-promises)", {
    "a promise nobody waits for": ["src/jobs/floating.ts", "async function work() {}\nwork();\n"],
  }),
  ...rule("typescript(no-misused-promises)", {
    "a promise where a boolean is meant": [
      "src/runs/misused.ts",
      "export const run = async () => { if (run()) return; };\n",
    ],
  }),
  ...rule("typescript(no-explicit-any)", {
    "a parameter of type any": ["src/runs/any.ts", "export const run = (input: any) => String(input);\n"],
    "a cast to any": ["src/runs/as-any.ts", "export const run = (input: unknown) => input as any;\n"],
  }),
  ...rule("federation(double-cast)", {
    "a cast over unknown": [
      "src/runs/cast.ts",
      "export const run = (input: Date) => input as unknown as string;\n",
    ],
  }),
  ...rule("federation(imports)", {
    "a route that imports postgres": [
      "src/http/routes/rows.ts",
      'import postgres from "postgres";\nexport { postgres };\n',
    ],
    "a command that imports a type of drizzle": [
      "src/cli/rows.ts",
      'export type { SQL } from "drizzle-orm/sql";\n',
    ],
    "a console page that loads postgres later": [
      "src/console/rows.ts",
      'export const load = () => import("postgres");\n',
    ],
    "a job that imports postgres": [
      "jobs/rows.ts",
      'import type postgres from "postgres";\nexport type Rows = postgres.Sql;\n',
    ],
    "src that imports jobs": ["src/runs/graph.ts", 'export { graph } from "../../jobs/graph.ts";\n'],
    "an import of the server": ["src/runs/server.ts", 'import "../server.ts";\n'],
    "an import of the worker": ["test/worker.test.ts", 'import "../jobs/worker.ts";\n'],
    "an import of the command line": ["bench/cli.ts", 'import "../src/cli/main.ts";\n'],
    "a noun that imports an edge": ["src/runs/view.ts", 'export { view } from "../http/view.ts";\n'],
    "production code that imports a test": [
      "src/runs/fake.ts",
      'export { fake } from "../../test/fake.ts";\n',
    ],
    "an agent that imports the control plane": [
      "templates/agent/errors.ts",
      'export { fail } from "../../src/errors.ts";\n',
    ],
  }),
  ...rule("federation(environment)", {
    "process.env outside of config.ts": ["src/runs/env.ts", 'export const env = process.env["HOME"];\n'],
    "Bun.env outside of config.ts": ["jobs/env.ts", "export const { HOME } = Bun.env;\n"],
    "import.meta.env outside of config.ts": ["src/runs/meta-env.ts", "export const env = import.meta.env;\n"],
    "env imported from node:process": [
      "src/runs/process-env.ts",
      'export { env } from "./x.ts";\nimport { env } from "node:process";\nenv;\n',
    ],
  }),
  ...rule("federation(transaction)", {
    "sql.begin outside of tx.ts": [
      "src/runs/begin.ts",
      `${declareUse}declare const sql: { begin(fn: unknown): void };\nsql.begin(use);\n`,
    ],
    "a drizzle transaction outside of tx.ts": [
      "jobs/begin.ts",
      `${declareUse}declare const db: { transaction(fn: unknown): void };\ndb.transaction(use);\n`,
    ],
  }),
  ...rule("eslint(no-restricted-globals)", {
    "a bare fetch": [
      "src/runs/fetch.ts",
      'export const load = async () => await fetch("http://127.0.0.1/");\n',
    ],
    "a fetch of globalThis": [
      "jobs/fetch.ts",
      'export const load = async () => await globalThis.fetch("http://127.0.0.1/");\n',
    ],
  }),
  ...rule("federation(test-modifier)", {
    "a focused test": [
      "test/only.test.ts",
      'import { test } from "bun:test";\ntest.only("alone", () => {});\n',
    ],
    "a skipped suite": [
      "test/skip.test.ts",
      'import { describe } from "bun:test";\ndescribe.skip("later", () => {});\n',
    ],
    "a test still to do": ["test/todo.test.ts", 'import { it } from "bun:test";\nit.todo("later");\n'],
  }),
  ...rule("eslint(max-lines)", {
    "a file of more than 400 lines": ["src/runs/long.ts", `${declareUse}${lines(401)}\n`],
  }),
  ...rule("eslint(max-lines-per-function)", {
    "a function of more than 80 lines": [
      "src/runs/long-function.ts",
      `${declareUse}export function run() {\n${lines(80)}\n}\n`,
    ],
  }),
  ...rule("import(no-cycle)", {
    "a cycle of imports": [
      "src/runs/cycle.ts",
      'import { other } from "./cycle-other.ts";\nexport const one = () => other;\n',
    ],
  }),
  ...rule("unicorn(filename-case)", {
    "a file name in camel case": ["src/runs/camelCase.ts", "export const one = 1;\n"],
  }),
];

const good: Record<string, string> = {
  "src/config.ts": 'export const home = process.env["HOME"];\n',
  "src/db/tx.ts": "declare const sql: { begin(): void };\nsql.begin();\n",
  "src/net/fetch.ts": 'export const load = async () => await fetch("http://127.0.0.1/");\n',
  "src/departments/list.ts": 'import type postgres from "postgres";\nexport type Rows = postgres.Sql;\n',
  "src/runs/cycle-other.ts": 'import { one } from "./cycle.ts";\nexport const other = () => one;\n',
  "jobs/graph.ts": 'export { home } from "../src/config.ts";\n',
};

function rule(name: string, cases: Record<string, [path: string, text: string]>): Fixture[] {
  return Object.entries(cases).map(([guarantee, [path, text]]) => ({ guarantee, path, text, rule: name }));
}

const report = z.object({
  diagnostics: z.array(z.object({ code: z.string().default(""), filename: z.string() })),
});

let directory: string;
let found: Set<string>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-lint-"));
  await symlink(join(root, "node_modules"), join(directory, "node_modules"));
  for (const file of [".oxlintrc.json", "tsconfig.json", "test/tooling/lint-rules.ts"]) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await cp(join(root, file), join(directory, file));
  }
  const fixtures = [...Object.entries(good), ...bad.map(({ path, text }) => [path, text] as const)];
  for (const [path, text] of fixtures) await Bun.write(join(directory, path), text);
  const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
  const child = Bun.spawn([process.execPath, oxlint, "-f", "json"], { cwd: directory, stderr: "inherit" });
  const { diagnostics } = report.parse(await new Response(child.stdout).json());
  found = new Set(diagnostics.map(({ filename, code }) => `${filename} ${code}`));
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

for (const { guarantee, path, rule: name } of bad) {
  test(`the linter refuses ${guarantee}`, () => expect([...found]).toContain(`${path} ${name}`));
}

test("the linter accepts the places that may", () => {
  const allowed = Object.keys(good).filter((path) => path !== "src/runs/cycle-other.ts");
  expect([...found].filter((line) => allowed.some((path) => line.startsWith(`${path} `)))).toEqual([]);
});
