import { retentionReport } from "../../retention/retention.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const options = { "dry-run": { type: "boolean" }, reports: { type: "boolean" } } as const;

export const retention: Command = {
  name: "retention",
  synopsis: "<department> [--dry-run | --reports]",
  summary:
    "take away what a department does not keep any longer, or only count it; --reports: what was taken",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["department"], options);
    const client = await connect(config);
    const path = `/departments/${encodeURIComponent(positionals[0] ?? "")}/retention`;
    if (values.reports) {
      printJson(await client.get(path));
      return exitCodes.ok;
    }
    const answer = await client.send("POST", `${path}?dry_run=${values["dry-run"] === true}`, {});
    if (json) printJson(answer);
    else {
      const { tables, complete } = retentionReport.parse(answer);
      printTable(
        ["table", "older than", values["dry-run"] ? "would go" : "deleted", "oldest"],
        tables.map(({ table, before, rows, oldest }) => [table, before, rows, oldest]),
      );
      if (tables.length === 0) printLine("its definition has no data_retention: everything is kept");
      else if (!complete && !values["dry-run"]) printLine("more is left; the next run goes on");
    }
    return exitCodes.ok;
  },
};
