import { z } from "zod";
import type { Client } from "../client/client.ts";
import type { JsonObject } from "../json.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { listAll } from "./list-all.ts";
import { printJson, printLine, printTable } from "./print.ts";

const check = z.object({ status: z.string(), detail: z.string() });
const checks = z.record(z.string(), check);
const one = z.object({
  status: z.string(),
  checks: z.object({ agent: check }),
  known: z
    .object({ status: z.string(), since: z.string(), heal: z.string(), checks: checks.nullable() })
    .nullable(),
});
const past = z.object({ items: z.array(z.object({ at: z.string(), status: z.string(), checks })) });
const summary = z.object({
  department_id: z.string(),
  host: z.string(),
  status: z.string(),
  health: z.string(),
  since: z.string().nullable(),
  heal: z.string(),
  failed: z.array(z.string()),
  checked_at: z.string().nullable(),
});

/** One department, as a person reads it; answers the exit code of its state. */
export function printHealth(answer: JsonObject, json: boolean): ExitCode {
  const found = one.parse(answer);
  const { status, known } = found;
  if (json) printJson(answer);
  else {
    const { agent } = found.checks;
    printLine(`${status}; asked now, its agent is ${agent.status} ${agent.detail}`.trim());
    if (known) printLine(`${known.status} since ${known.since}; healing: ${known.heal}`);
    const looked = Object.entries(known?.checks ?? {});
    if (looked.length > 0)
      printTable(
        ["check", "status", "detail"],
        looked.map(([name, part]) => [name, part.status, part.detail]),
      );
  }
  return status === "degraded" ? exitCodes.findings : exitCodes.ok;
}

/** The last looks at one department, newest first. */
export async function printHistory(client: Client, department: string, json: boolean): Promise<ExitCode> {
  const answer = await client.get(`/departments/${department}/health/history`);
  if (json) printJson(answer);
  else
    printTable(
      ["at", "health", "not well"],
      past.parse(answer).items.map((look) => [look.at, look.status, reasonsOf(look.checks)]),
    );
  return exitCodes.ok;
}

const reasonsOf = (looked: z.infer<typeof checks>) =>
  Object.entries(looked)
    .filter(([, { status }]) => status !== "ok")
    .map(([name, { status, detail }]) => `${name} ${status} ${detail}`.trim())
    .join("; ");

/** Every department by the last look at it; `findings` when one is degraded. */
export async function printFleetHealth(client: Client, json: boolean): Promise<ExitCode> {
  const items = await listAll(client, "/health", summary);
  if (json) printJson({ items });
  else
    printTable(
      ["department", "host", "status", "health", "since", "not well", "healing", "looked at"],
      items.map((row) => [
        row.department_id,
        row.host,
        row.status,
        row.health,
        row.since,
        row.failed.join(", "),
        row.heal,
        row.checked_at,
      ]),
    );
  return items.some(({ status }) => status === "degraded") ? exitCodes.findings : exitCodes.ok;
}
