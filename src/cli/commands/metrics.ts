import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";

export const metrics: Command = {
  name: "metrics",
  synopsis: "",
  summary: "what Prometheus would read",
  async run(args, config) {
    const { json } = parse(args, [], {});
    const text = await (await connect(config)).metrics();
    if (json) printJson({ text });
    else process.stdout.write(text);
    return exitCodes.ok;
  },
};
