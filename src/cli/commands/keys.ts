import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { FederationError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const options = {
  department: { type: "string" },
  platform: { type: "boolean" },
  signing: { type: "boolean" },
  "gateway-seal": { type: "boolean" },
} as const;
type Values = { department?: string; platform?: boolean; signing?: boolean; "gateway-seal"?: boolean };

export const keys: Command = {
  name: "keys",
  synopsis: "(list | rotate --department d|--platform|--signing|--gateway-seal | rotate-kek | retire <id>)",
  summary: "the keys of the installation: what they seal, new ones in their place, the end of old ones",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[id]"], options);
    const [action = "", id] = positionals;
    const client = await connect(config);
    if (action === "list") return list(client, values, json);
    if (action === "rotate")
      return follow(client, await client.send("POST", "/keys/rotate", wanted(values)), json);
    if (action === "rotate-kek")
      return follow(client, await client.send("POST", "/keys/rotate-kek", {}), json);
    if (action !== "retire")
      throw new FederationError("usage", "Actions: list, rotate, rotate-kek, retire <id>.");
    if (!id) throw new FederationError("usage", "Name the key to retire by its id.");
    await client.send("POST", `/keys/${encodeURIComponent(id)}/retire`, {});
    if (json) printJson({ id, status: "destroyed" });
    else printLine(`${id}: retired`);
    return exitCodes.ok;
  },
};

function wanted(values: Values): JsonObject {
  return {
    ...(values.department !== undefined && { department_id: values.department }),
    ...(values.platform && { platform: true }),
    ...(values.signing && { signing: true }),
    ...(values["gateway-seal"] && { gateway_seal: true }),
  };
}

const rotation = z.object({
  id: z.string(),
  kind: z.string(),
  status: z.enum(["running", "succeeded", "failed"]),
  total: z.number(),
  done: z.number(),
  next_at: z.string().nullable(),
  error_code: z.string().nullable(),
});
const everyMs = 300;
/** These wait for minutes between their two steps, which nobody has to watch. */
const unwatched = ["signing", "gateway_seal"];

/** Shows progress until the rotation is over. */
async function follow(client: Client, started: JsonObject, json: boolean): Promise<ExitCode> {
  let state = rotation.parse(started);
  let shown = "";
  while (state.status === "running" && !unwatched.includes(state.kind)) {
    const line = `${state.kind}: ${state.done} of ${state.total}`;
    if (!json && line !== shown) printLine((shown = line));
    await Bun.sleep(everyMs);
    state = rotation.parse(await client.get(`/key-rotations/${state.id}`));
  }
  if (json) printJson(state);
  else printLine(endOf(state));
  return state.status === "failed" ? exitCodes.failed : exitCodes.ok;
}

function endOf({ id, kind, status, done, next_at, error_code }: z.infer<typeof rotation>): string {
  if (status === "running") return `${kind}: rotation ${id} goes on by itself, next at ${next_at}`;
  return status === "failed" ? `${kind}: failed, ${error_code}` : `${kind}: ${done} done`;
}

const inventory = z.object({
  items: z.array(z.record(z.string(), z.json())),
  next_cursor: z.string().nullable(),
  keks: z.array(z.record(z.string(), z.json())),
  signing_keys: z.array(z.record(z.string(), z.json())),
  oldest_active_days: z.number(),
});

async function list(client: Client, { department }: Values, json: boolean): Promise<ExitCode> {
  const items: JsonObject[] = [];
  let page: z.infer<typeof inventory>;
  let cursor = "";
  do {
    const query = `limit=200${department ? `&department_id=${encodeURIComponent(department)}` : ""}${cursor}`;
    page = inventory.parse(await client.get(`/keys?${query}`));
    items.push(...page.items);
    cursor = `&cursor=${page.next_cursor}`;
  } while (page.next_cursor !== null);
  if (json) printJson({ ...page, items });
  else printInventory({ ...page, items });
  return exitCodes.ok;
}

function printInventory({ items, keks, signing_keys, oldest_active_days }: z.infer<typeof inventory>): void {
  printRows(["id", "department_id", "purpose", "kek_id", "status", "uses", "created_at"], items);
  printLine(`oldest active key: ${oldest_active_days} days`);
  printRows(["id", "current", "uses", "created_at", "retired_at"], keks);
  printRows(["kid", "status", "private_half", "created_at", "retired_at"], signing_keys);
}

function printRows(columns: string[], rows: JsonObject[]): void {
  const head = columns.map((column) => column.replaceAll("_", " "));
  printTable(
    head,
    rows.map((row) => columns.map((column) => row[column] ?? null)),
  );
}
