import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";
import { watchRun } from "../progress-view.ts";

const options = { reason: { type: "string" }, watch: { type: "boolean", short: "w" } } as const;

export const lockdown: Command = {
  name: "lockdown",
  synopsis: "<department> --reason text [--watch]",
  summary: "end a department's keys, tokens and grants at once, and stop its agent",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["department"], options);
    const [department = ""] = positionals;
    if (!values.reason) throw new FederationError("usage", "Say why: --reason.");
    const client = await connect(config);
    const locked = await client.send("POST", `/departments/${department}/lockdown`, {
      reason: values.reason,
    });
    printJson(locked);
    if (!values.watch) return exitCodes.ok;
    const end = await watchRun(client, String(locked["provisioning_id"]), department, json);
    return end["run_status"] === "succeeded" ? exitCodes.ok : exitCodes.runFailed;
  },
};
