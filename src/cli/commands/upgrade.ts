import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";
import { watchRun } from "../progress-view.ts";

const options = { release: { type: "string" }, watch: { type: "boolean", short: "w" } } as const;

export const upgrade: Command = {
  name: "upgrade",
  synopsis: "<department> [--release image] [--watch]",
  summary: "bring workflows and agent to what the definition, the templates and a release say; repairs drift",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["department"], options);
    const [department = ""] = positionals;
    const client = await connect(config);
    const { release } = values;
    const accepted = await client.send("POST", `/departments/${department}/upgrade`, {
      ...(release !== undefined && { release }),
    });
    if (!values.watch || !json) printJson(accepted);
    if (!values.watch) return exitCodes.ok;
    const end = await watchRun(client, String(accepted["provisioning_id"]), department, json);
    return end["run_status"] === "succeeded" ? exitCodes.ok : exitCodes.runFailed;
  },
};
