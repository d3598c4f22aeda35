import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { listAll } from "../list-all.ts";
import { printJson, printLine, printTable } from "../print.ts";

const source = z.object({
  id: z.string(),
  name: z.string(),
  department_id: z.string().nullable(),
  events: z.array(z.string()),
  status: z.string(),
  url: z.string(),
});
const options = { events: { type: "string" }, department: { type: "string" } } as const;

export const webhookSources: Command = {
  name: "webhook-sources",
  synopsis: "(list | add <name> --events a,b [--department d] | rotate <id> | remove <id>)",
  summary: "who may send us signed events; a secret is printed once",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[name or id]"], options);
    const [action, name] = positionals;
    const client = await connect(config);
    if (action === "list" && name === undefined) {
      const items = await listAll(client, "/webhook-sources", source);
      if (json) printJson({ items });
      else
        printTable(
          ["id", "name", "department", "events", "status", "url"],
          items.map((one) => [
            one.id,
            one.name,
            one.department_id,
            one.events.join(","),
            one.status,
            one.url,
          ]),
        );
    } else if (action === "add" && name !== undefined && values.events !== undefined) {
      const { events, department } = values;
      const body = { name, events: events.split(","), ...(department && { department_id: department }) };
      printJson(await client.send("POST", "/webhook-sources", body));
    } else if (action === "rotate" && name !== undefined) {
      printJson(await client.send("POST", `/webhook-sources/${encodeURIComponent(name)}/rotate-secret`, {}));
    } else if (action === "remove" && name !== undefined) {
      await client.send("DELETE", `/webhook-sources/${encodeURIComponent(name)}`);
      if (json) printJson({ id: name, removed: true });
      else printLine(`${name} may send nothing any more`);
    } else
      throw new FederationError("usage", "Actions: list, add <name> --events a,b, rotate <id>, remove <id>.");
    return exitCodes.ok;
  },
};
