import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";

export const retry: Command = {
  name: "retry",
  synopsis: "<run> [--from step]",
  summary: "let a failed run go on",
  async run(args, config) {
    const { values, positionals } = parse(args, ["run"], { from: { type: "string" } });
    const client = await connect(config);
    const body = values.from ? { from_step: values.from } : {};
    printJson(await client.send("POST", `/runs/${positionals[0]}/retry`, body));
    return exitCodes.ok;
  },
};
