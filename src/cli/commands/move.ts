import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";
import { watchRun } from "../progress-view.ts";

const options = {
  to: { type: "string" },
  region: { type: "string" },
  watch: { type: "boolean", short: "w" },
} as const;

export const move: Command = {
  name: "move",
  synopsis: "<department> --to local|docker|railway [--region name] [--watch]",
  summary: "bring a department's agent to another host; the old one answers until the new one is proven",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["department"], options);
    const [department = ""] = positionals;
    const { to, region } = values;
    if (!to) throw new FederationError("usage", "Say where to: --to.");
    const client = await connect(config);
    const body = { to, ...(region !== undefined && { region }) };
    const accepted = await client.send("POST", `/departments/${department}/move`, body);
    if (!values.watch || !json) printJson(accepted);
    if (!values.watch) return exitCodes.ok;
    const end = await watchRun(client, String(accepted["provisioning_id"]), department, json);
    return end["run_status"] === "succeeded" ? exitCodes.ok : exitCodes.runFailed;
  },
};
