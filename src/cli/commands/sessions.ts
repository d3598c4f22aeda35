import { z } from "zod";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { listAll } from "../list-all.ts";
import { printJson, printTable } from "../print.ts";

const session = z.record(z.string(), z.json());
const columns = ["id", "channel", "started_at", "ended_at", "end_reason"];

export const sessions: Command = {
  name: "sessions",
  synopsis: "<department> [session]",
  summary: "a department's conversations, or one with its messages; with a key of the department",
  async run(args, config) {
    const { positionals, json } = parse(args, ["department", "[session]"], {});
    const [department = "", id] = positionals.map(encodeURIComponent);
    const client = await connect(config);
    const path = `/departments/${department}/sessions`;
    if (id !== undefined) {
      printJson(await client.get(`${path}/${id}`));
      return exitCodes.ok;
    }
    const items = await listAll(client, path, session);
    if (json) printJson({ items });
    else
      printTable(
        columns,
        items.map((item) => columns.map((name) => item[name] ?? null)),
      );
    return exitCodes.ok;
  },
};
