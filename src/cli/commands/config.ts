import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { FederationError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";

const options = {
  from: { type: "string" },
  to: { type: "string" },
  file: { type: "string", short: "f" },
  expected: { type: "string" },
} as const;
type Values = { [name in keyof typeof options]?: string | undefined };

const present = z.object({ version: z.int() });
const shownConfig = z.object({ config: z.looseObject({}), version: z.int().optional() });

export const config: Command = {
  name: "config",
  synopsis:
    "(show | versions | diff [--from n] [--to n] | put -f file [--expected n] | rollback --to n [--expected n]) <department>",
  summary: "a department's definition, its versions; another one, or an earlier one again",
  async run(args, settings) {
    const { values, positionals } = parse(args, ["action", "department"], options);
    const [action = "", department = ""] = positionals;
    const path = `/departments/${encodeURIComponent(department)}/config`;
    printJson(await act(await connect(settings), action, path, values));
    return exitCodes.ok;
  },
};

async function act(client: Client, action: string, path: string, values: Values): Promise<JsonObject> {
  const { from, to, file } = values;
  if (action === "show") return client.get(path);
  if (action === "versions") return client.get(`${path}/versions`);
  if (action === "diff")
    return client.get(`${path}/diff?${new URLSearchParams({ ...(from && { from }), ...(to && { to }) })}`);
  if (action === "put" && file !== undefined) {
    const { config, version } = await readDefinition(file);
    const expected_version = await expected(client, path, values, version);
    return client.send("PUT", path, { expected_version, config });
  }
  if (action === "rollback" && to !== undefined) {
    const expected_version = await expected(client, path, values);
    return client.send("POST", `${path}/rollback`, { to_version: Number(to), expected_version });
  }
  throw new FederationError("usage", "Actions: show, versions, diff, put -f file, rollback --to n.");
}

/** The version that is replaced: the one named, else the one the file was read from, else the present one. */
async function expected(client: Client, path: string, values: Values, read?: number): Promise<number> {
  if (values.expected !== undefined) return Number(values.expected);
  return read ?? present.parse(await client.get(path)).version;
}

/** The definition itself, or what `fed config show` printed, which says its version. */
async function readDefinition(file: string): Promise<{ config: unknown; version?: number | undefined }> {
  const read = JSON.parse(await readFile(file, "utf8"));
  const shown = shownConfig.safeParse(read);
  return shown.success ? shown.data : { config: read };
}
