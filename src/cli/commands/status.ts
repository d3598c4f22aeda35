import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";
import { createProgressView, watchRun } from "../progress-view.ts";

export const status: Command = {
  name: "status",
  synopsis: "<run> [--watch]",
  summary: "where a run is",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["run"], { watch: { type: "boolean", short: "w" } });
    const client = await connect(config);
    const [run = ""] = positionals;
    const state = values.watch
      ? await watchRun(client, run, run, json)
      : await client.get(`/provision-status/${run}`);
    if (!values.watch && json) printJson(state);
    else if (!values.watch) createProgressView(String(state["department_id"]), true).show("status", state);
    return state["status"] === "failed" ? exitCodes.runFailed : exitCodes.ok;
  },
};
