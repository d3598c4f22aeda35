import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";
import { requestOf } from "./provision.ts";

const options = {
  file: { type: "string", short: "f" },
  name: { type: "string" },
  email: { type: "string" },
  tools: { type: "string" },
  host: { type: "string" },
} as const;

export const plan: Command = {
  name: "plan",
  synopsis: "(-f file | <id> --email …)",
  summary: "what provisioning would make, without making it",
  async run(args, config) {
    const { values, positionals } = parse(args, ["[id]"], options);
    const client = await connect(config);
    const answer = await client.send(
      "POST",
      "/provision-department?dry_run=true",
      await requestOf(values, positionals[0]),
    );
    printJson(answer);
    return answer["possible"] === false ? exitCodes.findings : exitCodes.ok;
  },
};
