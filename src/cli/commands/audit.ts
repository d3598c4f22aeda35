import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { verifyExport } from "../../../templates/audit/verify-export.mjs";
import type { Client } from "../../client/client.ts";
import { FederationError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

const options = {
  department: { type: "string" },
  from: { type: "string" },
  until: { type: "string" },
  action: { type: "string" },
  key: { type: "string" },
  anchor: { type: "string" },
  out: { type: "string" },
} as const;
type Values = Partial<Record<keyof typeof options, string>>;

export const audit: Command = {
  name: "audit",
  synopsis:
    "(list | verify [file [--key k] [--anchor dir]] | export --out dir | prove <stream>/<seq> --out file) [--department d] [--from t] [--until t]",
  summary: "search, export, verify and prove what happened; verify with a file works offline",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[what]"], options);
    const [action, what] = positionals;
    if (action === "verify" && what) return verifyFile(what, values);
    const client = await connect(config);
    if (action === "list") await list(client, values, json);
    else if (action === "verify") return report(verified.parse(await client.get("/audit/verify")));
    else if (action === "export") await exportTo(client, values, json);
    else if (action === "prove" && what) await prove(client, what, values, json);
    else throw new FederationError("usage", "Actions: list, verify, export, prove.");
    return exitCodes.ok;
  },
};

const verified = z.object({ ok: z.boolean(), problems: z.array(z.string()) }).loose();

/** Needs neither API nor database, only the file; a key and an anchor from elsewhere make it worth more. */
async function verifyFile(file: string, { key, anchor }: Values): Promise<ExitCode> {
  return report(
    await verifyExport(createReadStream(file), { ...(key && { key }), ...(anchor && { anchor }) }),
  );
}

function report(result: { ok: boolean }): ExitCode {
  printJson(result);
  return result.ok ? exitCodes.ok : exitCodes.findings;
}

const page = z.object({
  items: z.array(
    z.object({
      at: z.string(),
      actor: z.string(),
      action: z.string(),
      decision: z.string(),
      target: z.string().nullable(),
    }),
  ),
});

async function list(client: Client, values: Values, json: boolean): Promise<void> {
  const answer = await client.get(`/audit?${queryOf({ ...values, limit: "50" })}`);
  if (json) return printJson(answer);
  for (const { at, actor, action, decision, target } of page.parse(answer).items)
    printLine([at, decision.padEnd(7), action.padEnd(28), actor, target ?? ""].join("  "));
}

/** The export and, beside it, the program that verifies it without us. */
async function exportTo(client: Client, values: Values, json: boolean): Promise<void> {
  if (!values.out) throw new FederationError("usage", "Say where with --out <directory>.");
  await mkdir(values.out, { recursive: true });
  const file = join(values.out, "audit.ndjson");
  await save(client, `/audit/export?${queryOf(values)}`, file);
  await copyFile(
    new URL("../../../templates/audit/verify-export.mjs", import.meta.url),
    join(values.out, "verify-export.mjs"),
  );
  if (json) printJson({ written: file });
  else printLine(`${file}; verify it with: node ${join(values.out, "verify-export.mjs")} ${file}`);
}

async function prove(client: Client, what: string, values: Values, json: boolean): Promise<void> {
  const [stream = "", seq = ""] = what.split("/");
  const file = values.out ?? "proof.ndjson";
  await save(client, `/audit/proof?${new URLSearchParams({ stream, seq })}`, file);
  if (json) printJson({ written: file });
  else printLine(file);
}

async function save(client: Client, path: string, file: string): Promise<void> {
  await pipeline(
    Readable.fromWeb((await client.stream(path)) as never),
    createWriteStream(file, { mode: 0o600 }),
  );
}

function queryOf({ department, from, until, action, limit }: Values & { limit?: string }): URLSearchParams {
  return new URLSearchParams({
    ...(department && { department_id: department }),
    ...(from && { from }),
    ...(until && { until }),
    ...(action && { action }),
    ...(limit && { limit }),
  });
}
