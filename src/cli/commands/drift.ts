import type { Client } from "../../client/client.ts";
import type { JsonObject } from "../../json.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { listDrift, printDrift } from "../drift-view.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";
import { watchRun } from "../progress-view.ts";

const options = {
  now: { type: "boolean" },
  repair: { type: "boolean" },
  watch: { type: "boolean", short: "w" },
} as const;
/** A look waits for a provider a minute at most, and for its worker. */
const waitSecondsMax = 150;

export const drift: Command = {
  name: "drift",
  synopsis: "[<department> [--now | --repair [--watch]]]",
  summary:
    "what in n8n, at the host and in the database is not as it should be, by the last hourly look or --now",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["[department]"], options);
    const client = await connect(config);
    const [department] = positionals;
    if (department === undefined) return await listDrift(client, json);
    if (values.repair) return await repair(client, department, { watch: values.watch === true, json });
    const path = `/departments/${department}/drift`;
    const answer = values.now ? await lookNow(client, path) : await client.get(path);
    if (json) printJson(answer);
    else printDrift(answer);
    return exitCodeOf(answer["in_sync"]);
  },
};

/** Not known is neither well nor a finding. */
function exitCodeOf(inSync: unknown): ExitCode {
  if (inSync === null) return exitCodes.unreachable;
  return inSync === true ? exitCodes.ok : exitCodes.findings;
}

/** Answers the first report that began after it was asked for; the last one, with a word, where none comes in time. */
async function lookNow(client: Client, path: string): Promise<JsonObject> {
  const asked = await client.send("POST", path);
  const askedMs = Date.parse(String(asked["asked_at"]));
  const untilMs = performance.now() + waitSecondsMax * 1000;
  for (;;) {
    const answer = await client.get(path);
    const checkedAt = answer["checked_at"];
    if (typeof checkedAt === "string" && Date.parse(checkedAt) >= askedMs) return answer;
    if (performance.now() > untilMs) {
      process.stderr.write("No worker has looked yet; this is the report of before.\n");
      return { ...answer, in_sync: null };
    }
    await Bun.sleep(500);
  }
}

/** An upgrade to the release that it has. */
async function repair(
  client: Client,
  department: string,
  { watch, json }: { watch: boolean; json: boolean },
): Promise<ExitCode> {
  const { release, host } = await client.get(`/departments/${department}`);
  const body = host === "local" || typeof release !== "string" ? {} : { release };
  const accepted = await client.send("POST", `/departments/${department}/upgrade`, body);
  if (!watch) {
    if (json) printJson(accepted);
    else printLine(`The repair has begun: run ${String(accepted["provisioning_id"])}`);
    return exitCodes.ok;
  }
  const end = await watchRun(client, String(accepted["provisioning_id"]), department, json);
  return end["run_status"] === "succeeded" ? exitCodes.ok : exitCodes.runFailed;
}
