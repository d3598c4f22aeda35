import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";

export const cancel: Command = {
  name: "cancel",
  synopsis: "<run>",
  summary: "stop a run and take back what it made",
  async run(args, config) {
    const { positionals } = parse(args, ["run"], {});
    const client = await connect(config);
    printJson(await client.send("POST", `/runs/${positionals[0]}/cancel`, {}));
    return exitCodes.ok;
  },
};
