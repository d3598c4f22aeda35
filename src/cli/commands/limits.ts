import { z } from "zod";
import { FederationError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

const answer = z.object({
  items: z.array(z.object({ kind: z.string(), hits: z.number(), window_seconds: z.number() })),
});

export const limits: Command = {
  name: "limits",
  synopsis: "(list | set <kind> --hits n --seconds n)",
  summary: "how often a department, pair, key, failed login, address or provisioning may ask",
  async run(args, config) {
    const options = { hits: { type: "string" }, seconds: { type: "string" } } as const;
    const { values, positionals, json } = parse(args, ["action", "[kind]"], options);
    const [action, kind] = positionals;
    const client = await connect(config);
    if (action === "set" && kind) {
      const body = { hits: Number(values.hits), window_seconds: Number(values.seconds) };
      printJson(await client.send("PUT", `/limits/${kind}`, body));
    } else if (action === "list" && !kind) {
      const { items } = answer.parse(await client.get("/limits"));
      if (json) printJson({ items });
      else
        for (const item of items)
          printLine(`${item.kind.padEnd(12)} ${item.hits} in ${item.window_seconds} s`);
    } else throw new FederationError("usage", "Actions: list, set <kind> --hits n --seconds n.");
    return exitCodes.ok;
  },
};
