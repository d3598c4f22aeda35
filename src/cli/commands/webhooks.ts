import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { FederationError } from "../../errors.ts";
import type { Json, JsonObject } from "../../json.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const options = {
  types: { type: "string" },
  department: { type: "string" },
  description: { type: "string" },
  format: { type: "string" },
  url: { type: "string" },
  off: { type: "boolean" },
  on: { type: "boolean" },
} as const;
type Values = Partial<Record<"types" | "department" | "description" | "format" | "url", string>> &
  Partial<Record<"off" | "on", boolean>>;

const endpoint = z.object({
  url: z.string(),
  format: z.string(),
  types: z.array(z.string()),
  description: z.string(),
  status: z.enum(["active", "off"]),
});

const page = z.object({ items: z.array(z.record(z.string(), z.json())), next_cursor: z.string().nullable() });
const columns = {
  list: ["id", "kind", "format", "department_id", "status", "off_reason", "types", "url"],
  deliveries: [
    "id",
    "event_id",
    "type",
    "status",
    "attempts",
    "last_status",
    "last_error",
    "next_attempt_at",
  ],
};

export const webhooks: Command = {
  name: "webhooks",
  synopsis:
    "(list | show <id> | add <url> | add --format slack < url | change <id> [--url u] [--off | --on] | remove <id> | rotate <id> | test <id> | deliveries <id> | redeliver <delivery>) [--types a,b] [--department d] [--description text]",
  summary: "whom we call when something happens",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[url or id]"], options);
    const [action = "", name = ""] = positionals;
    const client = await connect(config);
    if (action === "list" || action === "deliveries") {
      const path = action === "list" ? "/webhook-endpoints" : `/webhook-endpoints/${named(name)}/deliveries`;
      const items = await listAll(client, path);
      if (json) printJson(items);
      else printItems(columns[action], items);
      return exitCodes.ok;
    }
    const answer = await act(client, action, name, values);
    if (json) printJson(answer);
    else for (const [key, value] of Object.entries(answer)) printLine(`${key}: ${cellOf(value)}`);
    return exitCodes.ok;
  },
};

async function act(client: Client, action: string, name: string, values: Values): Promise<JsonObject> {
  switch (action) {
    case "add":
      return client.send("POST", "/webhook-endpoints", {
        url: await urlOf(name, values),
        ...wishOf(values),
      });
    case "show":
      return client.get(`/webhook-endpoints/${named(name)}`);
    case "change":
      return change(client, `/webhook-endpoints/${named(name)}`, values);
    case "remove":
      return client.send("DELETE", `/webhook-endpoints/${named(name)}`);
    case "rotate":
      return client.send("POST", `/webhook-endpoints/${named(name)}/rotate-secret`, {});
    case "test":
      return client.send("POST", `/webhook-endpoints/${named(name)}/test`, {});
    case "redeliver":
      return client.send("POST", `/webhook-deliveries/${named(name)}/redeliver`, {});
    default:
      throw new FederationError(
        "usage",
        "Actions: list, show, add, change, remove, rotate, test, deliveries, redeliver.",
      );
  }
}

/** In Slack's format it is a secret, and a command line is no place for one. */
async function urlOf(name: string, { format }: Values): Promise<string> {
  if (format !== "slack") return needed(name);
  if (name !== "")
    throw new FederationError("usage", "Give a URL of Slack's format on stdin, it is a secret.");
  return (await Bun.stdin.text()).trim();
}

/** The API replaces all that an endpoint is, so what is not named stays as it is found. */
async function change(client: Client, path: string, values: Values): Promise<JsonObject> {
  const { url, format, types, description, status } = endpoint.parse(await client.get(path));
  if (format === "slack" && values.url !== undefined)
    throw new FederationError("usage", "A URL of Slack's format is a secret: add a new endpoint.");
  return client.send("PUT", path, {
    url: values.url ?? url,
    types: values.types?.split(",") ?? types,
    description: values.description ?? description,
    status: values.off ? "off" : values.on ? "active" : status,
  });
}

function wishOf({ types, department, description, format }: Values) {
  return {
    ...(format && { format }),
    ...(types && { types: types.split(",") }),
    ...(department && { department_id: department }),
    ...(description && { description }),
  };
}

async function listAll(client: Client, path: string): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: "100", ...(cursor && { cursor }) });
    const answer = page.parse(await client.get(`${path}?${query}`));
    items.push(...answer.items);
    cursor = answer.next_cursor;
  } while (cursor !== null);
  return items;
}

const named = (id: string) => encodeURIComponent(needed(id));
function needed(name: string): string {
  if (name === "") throw new FederationError("usage", "Name the URL to add, or the id.");
  return name;
}

const cellOf = (value: Json | undefined): Json =>
  Array.isArray(value) ? value.join(",") || "all" : typeof value === "object" ? null : (value ?? null);
const printItems = (names: string[], items: JsonObject[]) =>
  printTable(
    names,
    items.map((item) => names.map((name) => cellOf(item[name]))),
  );
