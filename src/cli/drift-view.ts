import { z } from "zod";
import type { Client } from "../client/client.ts";
import type { JsonObject } from "../json.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { printJson, printLine, printTable } from "./print.ts";

const found = z.object({ id: z.string(), name: z.string() });
const view = z.object({
  in_sync: z.boolean().nullable(),
  checked_at: z.string().nullable(),
  found_at: z.string().nullable(),
  workflows: z.array(
    z.object({
      key: z.string(),
      id: z.string().nullable(),
      problems: z.array(z.string()),
      template_version: z.number(),
      live_version: z.number().nullable(),
      changes: z.array(z.object({ path: z.string(), from: z.json().optional(), to: z.json().optional() })),
    }),
  ),
  credentials: z.array(z.object({ name: z.string(), problems: z.array(z.string()) })),
  leftovers: z.array(found.extend({ kind: z.string() })),
  foreign: z.array(found.extend({ path: z.string() })),
  host: z.array(
    z.object({
      part: z.string(),
      name: z.string(),
      change: z.string(),
      wanted: z.string().optional(),
      found: z.string().optional(),
    }),
  ),
  database: z.array(z.string()),
  unknown: z.array(
    z.object({ part: z.string(), message: z.string(), retry_after_seconds: z.number().nullable() }),
  ),
});
const summaries = z.object({
  items: z.array(
    z.object({
      department_id: z.string(),
      in_sync: z.boolean().nullable(),
      drifted: z.array(z.string()),
      unknown: z.array(z.string()),
      checked_at: z.string().nullable(),
      found_at: z.string().nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

const stateOf = (problems: string[]) => (problems.length === 0 ? "in sync" : problems.join(", "));
const wordOf = (inSync: boolean | null) => (inSync === null ? "unknown" : inSync ? "in sync" : "drifted");

/** One report, as a person reads it. */
export function printDrift(answer: JsonObject): void {
  const report = view.parse(answer);
  const { checked_at: checkedAt, found_at: foundAt } = report;
  const since = foundAt === null ? "" : `, since ${foundAt}`;
  printLine(`${wordOf(report.in_sync)}${since}; looked at ${checkedAt ?? "never yet"}`);
  printWorkflows(report);
  for (const { part, name, change, wanted, found: there } of report.host) {
    const values = wanted === undefined ? "" : `: ${wanted} -> ${there ?? "nothing"}`;
    printLine(`host: ${part} ${name} ${change}${values}`);
  }
  for (const line of report.database) printLine(`database: ${line}`);
  for (const { part, message, retry_after_seconds: seconds } of report.unknown)
    printLine(`${part} unknown: ${message}${seconds === null ? "" : ` (again in ${seconds} s)`}`);
}

function printWorkflows({ workflows, credentials, leftovers, foreign }: z.infer<typeof view>): void {
  if (workflows.length > 0)
    printTable(
      ["workflow", "id", "template", "live", "state"],
      workflows.map((one) => [
        one.key,
        one.id,
        one.template_version,
        one.live_version,
        stateOf(one.problems),
      ]),
    );
  for (const { name, problems } of credentials) {
    if (problems.length > 0) printLine(`credential ${name}: ${stateOf(problems)}`);
  }
  for (const { kind, id, name } of leftovers) printLine(`left over: ${kind} ${id} ${name}`);
  for (const { id, name, path } of foreign) printLine(`on the path ${path}: workflow ${id} ${name}`);
  for (const { key, changes } of workflows) {
    for (const { path, from, to } of changes)
      printLine(`${key} ${path}: ${JSON.stringify(from ?? null)} -> ${JSON.stringify(to ?? null)}`);
  }
}

/** Every department with its state by the last look at it. */
export async function listDrift(client: Client, json: boolean): Promise<ExitCode> {
  const items: z.infer<typeof summaries>["items"] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const query = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = summaries.parse(await client.get(`/drift?limit=200${query}`));
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  if (json) printJson({ items });
  else
    printTable(
      ["department", "state", "drifted", "unknown", "since", "looked at"],
      items.map((one) => [
        one.department_id,
        wordOf(one.in_sync),
        one.drifted.join(", "),
        one.unknown.join(", "),
        one.found_at,
        one.checked_at,
      ]),
    );
  return items.some(({ in_sync: inSync }) => inSync === false) ? exitCodes.findings : exitCodes.ok;
}
