import { FederationError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";

export const config: Command = {
  name: "config",
  synopsis: "(show | versions | diff) <department> [--from n] [--to n]",
  summary: "a department's configuration",
  async run(args, settings) {
    const options = { from: { type: "string" }, to: { type: "string" } } as const;
    const { values, positionals } = parse(args, ["action", "department"], options);
    const [action, department] = positionals;
    const path = `/departments/${department}/config`;
    const client = await connect(settings);
    if (action === "show") printJson(await client.get(path));
    else if (action === "versions") printJson(await client.get(`${path}/versions`));
    else if (action === "diff") {
      const query = new URLSearchParams({
        ...(values.from && { from: values.from }),
        ...(values.to && { to: values.to }),
      });
      printJson(await client.get(`${path}/diff?${query}`));
    } else throw new FederationError("usage", "Actions: show, versions, diff.");
    return exitCodes.ok;
  },
};
