import { z } from "zod";
import type { Client } from "../../client/client.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { exitCodes } from "../exit-codes.ts";
import { printFleetHealth, printHealth, printHistory } from "../health-view.ts";

const options = { now: { type: "boolean" }, history: { type: "boolean" } } as const;
const looked = z.object({ known: z.object({ checked_at: z.string().nullable() }).nullable() });
/** A look takes 5 s at most; a run on the department keeps it waiting. */
const waitSecondsMax = 60;

export const health: Command = {
  name: "health",
  synopsis: "[<department> [--now | --history]]",
  summary: "how a department is, or all of them, by the workers' last look, --now or --history",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["[department]"], options);
    const client = await connect(config);
    const [department] = positionals;
    if (department === undefined) return await printFleetHealth(client, json);
    if (values.history) return await printHistory(client, department, json);
    if (values.now && !(await hasLooked(client, department))) {
      process.stderr.write("No worker has looked yet; this is what was known before.\n");
      printHealth(await client.get(`/departments/${department}/health`), json);
      return exitCodes.unreachable;
    }
    return printHealth(await client.get(`/departments/${department}/health`), json);
  },
};

/** Asks for a look and waits for it; false where none comes in time. */
async function hasLooked(client: Client, department: string): Promise<boolean> {
  const { asked_at: askedAt } = await client.send("POST", `/departments/${department}/check`);
  const untilMs = performance.now() + waitSecondsMax * 1000;
  while (performance.now() < untilMs) {
    const { known } = looked.parse(await client.get(`/departments/${department}/health`));
    if (known?.checked_at && Date.parse(known.checked_at) >= Date.parse(String(askedAt))) return true;
    await Bun.sleep(500);
  }
  return false;
}
