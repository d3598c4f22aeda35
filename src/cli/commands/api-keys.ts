import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { listAll } from "../list-all.ts";
import { printJson, printLine, printTable } from "../print.ts";

const apiKey = z.object({
  id: z.string(),
  key_id: z.string(),
  name: z.string(),
  status: z.string(),
  expires_at: z.string(),
  last_used_at: z.string().nullable(),
});
const options = {
  name: { type: "string" },
  scopes: { type: "string" },
  days: { type: "string" },
  member: { type: "string" },
  department: { type: "string" },
} as const;
type Values = Partial<Record<keyof typeof options, string>>;

export const apiKeys: Command = {
  name: "api-keys",
  synopsis: "(list | mint --name n --scopes a,b [--days 90] | revoke <id>) [--member id | --department d]",
  summary: "API keys of people and machines; a new one's text is printed once",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[id]"], options);
    const [action, id] = positionals;
    const client = await connect(config);
    if (action === "list") {
      const items = await listAll(client, "/api-keys", apiKey, owner(values));
      if (json) printJson({ items });
      else
        printTable(
          ["ID", "KEY", "NAME", "STATUS", "EXPIRES", "LAST USED"],
          items.map((one) => [one.id, one.key_id, one.name, one.status, one.expires_at, one.last_used_at]),
        );
    } else if (action === "mint") {
      printJson(await client.send("POST", "/api-keys", input(values)));
    } else if (action === "revoke" && id) {
      await client.send("DELETE", `/api-keys/${encodeURIComponent(id)}`);
      if (json) printJson({ id, revoked: true });
      else printLine(`${id} opens nothing any more`);
    } else throw new FederationError("usage", "Actions: list, mint, revoke <id>.");
    return exitCodes.ok;
  },
};

function owner({ member, department }: Values): Record<string, string> {
  return { ...(member && { member_id: member }), ...(department && { department_id: department }) };
}

function input(values: Values): object {
  const { name, scopes, days = "90" } = values;
  if (!name || !scopes) throw new FederationError("usage", "Give --name and --scopes.");
  return { name, scopes: scopes.split(","), expires_in_days: Number(days), ...owner(values) };
}
