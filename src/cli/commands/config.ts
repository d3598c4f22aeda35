import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { FederationError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { changeLines, changes } from "../change-lines.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";

const options = {
  from: { type: "string" },
  to: { type: "string" },
  file: { type: "string", short: "f" },
  expected: { type: "string" },
  "dry-run": { type: "boolean" },
} as const;
type Values = { [name in "from" | "to" | "file" | "expected"]?: string | undefined };

const present = z.object({ version: z.int(), environment: z.string() });
const shownConfig = z.object({
  config: z.looseObject({}),
  version: z.int().optional(),
  environment: z.string().optional(),
});
const preview = z.looseObject({ changes });

export const config: Command = {
  name: "config",
  synopsis:
    "show <department> | versions <department> | diff <department> [--from n] [--to n] | put <department> <file> [--expected n] [--dry-run] | rollback <department> --to n [--expected n] [--dry-run]",
  summary: "a department's definition, its versions; another one, or an earlier one again",
  async run(args, settings) {
    const { values, positionals, json } = parse(args, ["action", "department", "[file]"], options);
    const [action = "", department = "", file] = positionals;
    if (file !== undefined && (action !== "put" || values.file !== undefined))
      throw new FederationError("usage", "One file, and only with put.");
    const client = await connect(settings);
    const path = `/departments/${encodeURIComponent(department)}/config`;
    const wanted = { ...values, ...(file !== undefined && { file }) };
    const change = await changeOf(client, action, path, wanted);
    const isDryRun = values["dry-run"] === true;
    printJson(
      change ? await send(client, change, { isDryRun, json }) : await read(client, action, path, wanted),
    );
    return exitCodes.ok;
  },
};

async function read(client: Client, action: string, path: string, { from, to }: Values): Promise<JsonObject> {
  if (action === "show") return client.get(path);
  if (action === "versions") return client.get(`${path}/versions`);
  if (action === "diff")
    return client.get(`${path}/diff?${new URLSearchParams({ ...(from && { from }), ...(to && { to }) })}`);
  throw new FederationError("usage", "Actions: show, versions, diff, put with a file, rollback --to n.");
}

interface Change {
  method: "PUT" | "POST";
  path: string;
  body: object;
}

/** What a put or a rollback sends. */
async function changeOf(
  client: Client,
  action: string,
  path: string,
  { file, to, expected }: Values,
): Promise<Change | undefined> {
  if (action === "put" && file !== undefined) {
    const definition = await readDefinition(file);
    const body = bodyOf(present.parse(await client.get(path)), definition, expected);
    return { method: "PUT", path, body };
  }
  if (action === "rollback" && to !== undefined) {
    const expected_version = Number(expected ?? present.parse(await client.get(path)).version);
    return { method: "POST", path: `${path}/rollback`, body: { to_version: Number(to), expected_version } };
  }
  return undefined;
}

/** The diff on stderr, then the change itself; one that changes nothing is not stored and nobody is asked about it. */
async function send(
  client: Client,
  { method, path, body }: Change,
  { isDryRun, json }: { isDryRun: boolean; json: boolean },
): Promise<JsonObject> {
  const shown = await client.send(method, `${path}?dry_run=true`, body);
  const { changes: differing } = preview.parse(shown);
  if (!json) process.stderr.write(`${changeLines(differing).join("\n")}\n`);
  return isDryRun || differing.length === 0 ? shown : client.send(method, path, body);
}

/**
 * The version that is replaced: the one named, else the one the file was read from, else the present one. A file of
 * another environment counts versions of its own, and says nothing about where the department runs here.
 */
function bodyOf(
  now: z.infer<typeof present>,
  { config: read, version, environment }: z.infer<typeof shownConfig>,
  expected: string | undefined,
) {
  const isForeign = environment !== undefined && environment !== now.environment;
  const { host: _, region: __, ...portable } = read;
  const base = isForeign ? now.version : (version ?? now.version);
  return { expected_version: Number(expected ?? base), config: isForeign ? portable : read };
}

/** The definition itself, or what `fed config show` printed, which says its version and its environment. */
async function readDefinition(file: string): Promise<z.infer<typeof shownConfig>> {
  const json: unknown = JSON.parse(await readFile(file, "utf8"));
  const shown = shownConfig.safeParse(json);
  return shown.success ? shown.data : { config: z.looseObject({}).parse(json) };
}
