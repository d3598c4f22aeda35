import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";
import { watchRun } from "../progress-view.ts";

const options = { reason: { type: "string" }, watch: { type: "boolean", short: "w" } } as const;

export const unlock: Command = {
  name: "unlock",
  synopsis: "<department> --reason text [--watch]",
  summary: "bring a locked department back with other keys; its grants stay revoked",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["department"], options);
    const [department = ""] = positionals;
    if (!values.reason) throw new FederationError("usage", "Say why: --reason.");
    const client = await connect(config);
    const accepted = await client.send("POST", `/departments/${department}/unlock`, {
      reason: values.reason,
    });
    printJson(accepted);
    if (!values.watch) return exitCodes.ok;
    const end = await watchRun(client, String(accepted["provisioning_id"]), department, json);
    return end["run_status"] === "succeeded" ? exitCodes.ok : exitCodes.runFailed;
  },
};
