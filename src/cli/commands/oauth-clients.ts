import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { FederationError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

const pool = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      client_id: z.string(),
      project: z.string(),
      status: z.string(),
      origin: z.string(),
    }),
  ),
  next_cursor: z.string().nullable(),
});
const options = {
  file: { type: "string" },
  "client-id": { type: "string" },
  project: { type: "string" },
  department: { type: "string" },
  force: { type: "boolean" },
  reason: { type: "string" },
} as const;

export const oauthClients: Command = {
  name: "oauth-clients",
  synopsis:
    "(list | add --file json | add --client-id id [--project p] < secret | retire <id> [--force --reason text]) [--department d]",
  summary: "the pool of Google clients; with --department, add gives one of its own to a department",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[id]"], options);
    const [action, id] = positionals;
    const client = await connect(config);
    if (action === "list") {
      const items = await listAll(client);
      if (json) printJson({ items });
      else
        for (const item of items)
          printLine(`${item.id}  ${item.status.padEnd(8)} ${item.project}  ${item.client_id}`);
    } else if (action === "add") {
      const body = await readClient(values);
      const { department } = values;
      printJson(
        department
          ? await client.send("PUT", `/departments/${encodeURIComponent(department)}/oauth-client`, body)
          : await client.send("POST", "/oauth-clients", body),
      );
    } else if (action === "retire" && id) {
      const { force, reason } = values;
      const body = { ...(force && { force }), ...(reason !== undefined && { reason }) };
      printJson(await client.send("POST", `/oauth-clients/${encodeURIComponent(id)}/retire`, body));
    } else throw new FederationError("usage", "Actions: list, add, retire <id>.");
    return exitCodes.ok;
  },
};

/** Google's file, or the fields with the secret on stdin: a command line is no place for one. */
async function readClient(values: {
  file?: string;
  "client-id"?: string;
  project?: string;
}): Promise<object> {
  if (values.file) return readDownloaded(values.file);
  if (!values["client-id"])
    throw new FederationError("usage", "Give --file, or --client-id and the secret on stdin.");
  const secret = (await Bun.stdin.text()).trim();
  return {
    client_id: values["client-id"],
    client_secret: secret,
    ...(values.project && { project: values.project }),
  };
}

/** What a parser says of a file that is none may hold a piece of the secret, so we say it ourselves. */
async function readDownloaded(file: string): Promise<object> {
  const text = await readFile(file, "utf8");
  try {
    return z.looseObject({}).parse(JSON.parse(text));
  } catch {
    throw new FederationError("usage", "The file is not the JSON that Google's console downloads.");
  }
}

async function listAll(client: Client): Promise<z.infer<typeof pool>["items"]> {
  const items: z.infer<typeof pool>["items"] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: "200", ...(cursor && { cursor }) });
    const page: z.infer<typeof pool> = pool.parse(await client.get(`/oauth-clients?${query}`));
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}
