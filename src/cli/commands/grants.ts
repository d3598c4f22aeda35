import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { FederationError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printTable } from "../print.ts";

const options = {
  status: { type: "string" },
  department: { type: "string" },
  source: { type: "string" },
  target: { type: "string" },
  permission: { type: "string" },
  resource: { type: "string" },
  reason: { type: "string" },
  days: { type: "string" },
  limit: { type: "string" },
} as const;
type Values = { [name in keyof typeof options]?: string | undefined };

const shown = z.object({
  id: z.string(),
  source_department_id: z.string(),
  target_department_id: z.string(),
  permission: z.string(),
  resource: z.string(),
  status: z.string(),
  expires_at: z.string().nullable(),
  reason: z.string(),
});
const page = z.object({ items: z.array(z.record(z.string(), z.json())), next_cursor: z.string().nullable() });

export const grants: Command = {
  name: "grants",
  synopsis: "(list | show | request | approve | reject | revoke) [id] [options]",
  summary: "what one department may ask another",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[id]"], options);
    const [action = "", id] = positionals;
    const found = await act(await connect(config), action, id, values);
    if (json) printJson(action === "list" ? found : found[0]);
    else printGrants(found);
    return exitCodes.ok;
  },
};

async function act(
  client: Client,
  action: string,
  id: string | undefined,
  values: Values,
): Promise<JsonObject[]> {
  if (action === "list") return listAll(client, values);
  if (action === "request") return [await client.send("POST", "/grants", wishOf(values))];
  if (!["show", "approve", "reject", "revoke"].includes(action)) {
    throw new FederationError("usage", "Actions: list, show, request, approve, reject, revoke.");
  }
  if (!id) throw new FederationError("usage", `Name the grant to ${action} by its id.`);
  if (action === "show") return [await client.get(`/grants/${encodeURIComponent(id)}`)];
  const body = action === "approve" ? termsOf(values) : { reason: needed(values, "reason") };
  return [await client.send("POST", `/grants/${encodeURIComponent(id)}/${action}`, body)];
}

async function listAll(client: Client, { status, department }: Values): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({
      limit: "100",
      ...(status && { status }),
      ...(department && { department_id: department }),
      ...(cursor && { cursor }),
    });
    const answer = page.parse(await client.get(`/grants?${query}`));
    items.push(...answer.items);
    cursor = answer.next_cursor;
  } while (cursor !== null);
  return items;
}

function wishOf(values: Values) {
  return {
    target_department_id: needed(values, "target"),
    ...(values.source && { source_department_id: values.source }),
    permission: needed(values, "permission"),
    resource: needed(values, "resource"),
    reason: needed(values, "reason"),
    expires_in_days: Number(values.days ?? "30"),
  };
}

function termsOf({ days, limit }: Values) {
  const [hits, seconds] = (limit ?? "").split("/").map(Number);
  return {
    ...(days && { expires_in_days: Number(days) }),
    ...(limit && { limit: { hits, window_seconds: seconds ?? 60 } }),
  };
}

function needed(values: Values, name: keyof Values): string {
  const value = values[name];
  if (!value) throw new FederationError("usage", `Say --${name}.`);
  return value;
}

function printGrants(found: JsonObject[]): void {
  const rows = found.map((item) => {
    const grant = shown.parse(item);
    const { id, source_department_id: source, target_department_id: target, permission, resource } = grant;
    return [id, source, target, `${permission} ${resource}`, grant.status, grant.expires_at, grant.reason];
  });
  printTable(["grant", "source", "target", "opens", "status", "expires", "reason"], rows);
}
