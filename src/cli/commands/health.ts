import { z } from "zod";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const check = z.object({ status: z.string(), detail: z.string() });
const answer = z.object({
  status: z.string(),
  checks: z.object({ agent: check }),
  known: z
    .object({
      status: z.string(),
      since: z.string(),
      heal: z.string(),
      checks: z.record(z.string(), check).nullable(),
    })
    .nullable(),
});

export const health: Command = {
  name: "health",
  synopsis: "<department>",
  summary: "how a department is now, and by the workers' last look",
  async run(args, config) {
    const { positionals, json } = parse(args, ["department"], {});
    const client = await connect(config);
    const found = await client.get(`/departments/${positionals[0]}/health`);
    const { status, checks, known } = answer.parse(found);
    if (json) printJson(found);
    else {
      printLine(`${status}; asked now, its agent is ${checks.agent.status} ${checks.agent.detail}`.trim());
      if (known) printLine(`${known.status} since ${known.since}; healing: ${known.heal}`);
      const looked = Object.entries(known?.checks ?? {});
      if (looked.length > 0)
        printTable(
          ["check", "status", "detail"],
          looked.map(([name, one]) => [name, one.status, one.detail]),
        );
    }
    return status === "degraded" ? exitCodes.findings : exitCodes.ok;
  },
};
