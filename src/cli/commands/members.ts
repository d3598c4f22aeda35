import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { listAll } from "../list-all.ts";
import { printJson, printLine, printTable } from "../print.ts";

const member = z.object({
  id: z.string(),
  email: z.string(),
  role: z.string(),
  department_id: z.string().nullable(),
  disabled_at: z.string().nullable(),
});
const options = {
  email: { type: "string" },
  role: { type: "string" },
  department: { type: "string" },
} as const;

export const members: Command = {
  name: "members",
  synopsis: "(list | add --email e --role r [--department d] | disable <id>)",
  summary: "people, and the end of their access",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[id]"], options);
    const [action, id] = positionals;
    const client = await connect(config);
    if (action === "list") {
      const items = await listAll(client, "/members", member);
      if (json) printJson({ items });
      else
        printTable(
          ["ID", "EMAIL", "ROLE", "DEPARTMENT", "DISABLED"],
          items.map((one) => [one.id, one.email, one.role, one.department_id, one.disabled_at]),
        );
    } else if (action === "add" && values.email && values.role) {
      const { email, role, department } = values;
      printJson(
        await client.send("POST", "/members", {
          email,
          role,
          ...(department && { department_id: department }),
        }),
      );
    } else if (action === "disable" && id) {
      await client.send("DELETE", `/members/${encodeURIComponent(id)}`);
      if (json) printJson({ id, disabled: true });
      else printLine(`${id} has no access any more`);
    } else throw new FederationError("usage", "Actions: list, add --email e --role r, disable <id>.");
    return exitCodes.ok;
  },
};
