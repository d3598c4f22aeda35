import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";

export const certificate: Command = {
  name: "certificate",
  synopsis: "<department id>",
  summary: "the signed proof that a department was taken away",
  async run(args, config) {
    const { positionals } = parse(args, ["department id"], {});
    const client = await connect(config);
    printJson(await client.get(`/departments/${encodeURIComponent(positionals[0] ?? "")}/certificate`));
    return exitCodes.ok;
  },
};
