import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { Command } from "../command.ts";
import { FederationError } from "../../errors.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";
import { watchRun } from "../progress-view.ts";

const options = {
  file: { type: "string", short: "f" },
  watch: { type: "boolean", short: "w" },
  name: { type: "string" },
  email: { type: "string" },
  tools: { type: "string" },
  host: { type: "string" },
} as const;

export const provision: Command = {
  name: "provision",
  synopsis: "(-f file | <id> --name --email --tools a,b) [--watch]",
  summary: "make a department",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["[id]"], options);
    const request = await requestOf(values, positionals[0]);
    const client = await connect(config);
    const accepted = await client.send("POST", "/provision-department", request);
    if (!values.watch) {
      if (json) printJson(accepted);
      else printLine(`${String(accepted["department_id"])}: run ${String(accepted["provisioning_id"])}`);
      return exitCodes.ok;
    }
    const end = await watchRun(
      client,
      String(accepted["provisioning_id"]),
      String(accepted["department_id"]),
      json,
    );
    return end["run_status"] === "succeeded" ? exitCodes.ok : exitCodes.runFailed;
  },
};

const departmentFile = z.union([
  z.object({ department: z.looseObject({}) }),
  z.looseObject({ department_id: z.string() }),
]);

/** The request in a file (as in examples/departments, or the bare body), or put together from the options. */
export async function requestOf(
  values: { file?: string; name?: string; email?: string; tools?: string; host?: string },
  id: string | undefined,
): Promise<object> {
  if (values.file) {
    const parsed = departmentFile.parse(JSON.parse(await readFile(values.file, "utf8")));
    return "department" in parsed && typeof parsed.department === "object"
      ? { ...parsed.department }
      : parsed;
  }
  if (!id || !values.email) throw new FederationError("usage", "Name a file with -f, or an id with --email.");
  return {
    department_id: id,
    department_name: values.name ?? id,
    admin_email: values.email,
    enabled_tools: (values.tools ?? "database,contacts,agent_context").split(","),
    ...(values.host && { host: values.host }),
  };
}
