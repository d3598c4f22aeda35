import { z } from "zod";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson } from "../print.ts";

const options = {
  params: { type: "string", default: "{}" },
  reason: { type: "string" },
  explain: { type: "string" },
} as const;

export const ask: Command = {
  name: "ask",
  synopsis: "(<department> <query type> [--params json] --reason text | --explain <query id>)",
  summary: "ask a department, with a key of one; or how a question was decided, and why",
  async run(args, config) {
    const { values, positionals } = parse(args, ["[department]", "[query type]"], options);
    const [department, queryType] = positionals;
    if (values.explain !== undefined && department === undefined) {
      const client = await connect(config);
      printJson(await client.get(`/cross-dept/audit-log/${encodeURIComponent(values.explain)}`));
      return exitCodes.ok;
    }
    if (queryType === undefined || values.reason === undefined)
      throw new FederationError("usage", "Name the department and the query type, and say --reason.");
    const body = {
      target_department_id: department,
      query_type: queryType,
      query_params: parametersOf(values.params),
      reason: values.reason,
    };
    const client = await connect(config);
    printJson(await client.send("POST", "/cross-dept/query", body));
    return exitCodes.ok;
  },
};

function parametersOf(text: string): object {
  try {
    return z.looseObject({}).parse(JSON.parse(text));
  } catch {
    throw new FederationError("usage", `--params has to be a JSON object, such as '{"query":"policy"}'.`);
  }
}
