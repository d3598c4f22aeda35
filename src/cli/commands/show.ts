import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";
import type { Json } from "../../json.ts";

export const show: Command = {
  name: "show",
  synopsis: "<department>",
  summary: "one department with its health and resources",
  async run(args, config) {
    const { positionals, json } = parse(args, ["department"], {});
    const path = `/departments/${positionals[0]}`;
    const client = await connect(config);
    const [department, health, resources] = await Promise.all([
      client.get(path),
      client.get(`${path}/health`),
      client.get(`${path}/resources`),
    ]);
    if (json) {
      printJson({ ...department, health, resources: resources["items"] ?? [] });
      return exitCodes.ok;
    }
    for (const [name, value] of Object.entries(department))
      printLine(`${name.padEnd(18)}${String(value ?? "-")}`);
    printLine(`${"health".padEnd(18)}${JSON.stringify(health["checks"])}\n`);
    printTable(["provider", "kind", "external id", "step", "deleted"], resourceRows(resources["items"]));
    return exitCodes.ok;
  },
};

function resourceRows(items: Json | undefined): Json[][] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item) => {
    if (item === null || typeof item !== "object" || Array.isArray(item)) return [];
    const { provider = "", kind = "", external_id = "", created_by_step = "", deleted_at = null } = item;
    return [[provider, kind, external_id, created_by_step, deleted_at]];
  });
}
