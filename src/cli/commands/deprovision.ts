import { FederationError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";
import { watchRun } from "../progress-view.ts";

const options = {
  "grace-hours": { type: "string", default: "24" },
  "no-export": { type: "boolean" },
  watch: { type: "boolean", short: "w" },
  yes: { type: "boolean", short: "y" },
} as const;

export const deprovision: Command = {
  name: "deprovision",
  synopsis: "<department> --yes [--grace-hours 24] [--no-export] [--watch]",
  summary: "take a department away, with a signed certificate",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["department"], options);
    const [department = ""] = positionals;
    if (!values.yes) throw new FederationError("usage", `This destroys ${department}; say --yes.`);
    const client = await connect(config);
    const body = { grace_hours: Number(values["grace-hours"]), export: values["no-export"] !== true };
    const accepted = await client.send("DELETE", `/deprovision/${department}`, body);
    if (!values.watch) {
      printJson(accepted);
      return exitCodes.ok;
    }
    const end = await watchRun(client, String(accepted["provisioning_id"]), department, json);
    if (end["kind"] === "deprovision" && end["run_status"] === "succeeded") {
      printJson(await client.get(`/departments/${String(end["department"])}/certificate`));
    }
    return end["run_status"] === "failed" ? exitCodes.runFailed : exitCodes.ok;
  },
};
