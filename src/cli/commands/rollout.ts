import { z } from "zod";
import { ApiError, type Client } from "../../client/client.ts";
import { FederationError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import { parse } from "../arguments.ts";
import type { Command } from "../command.ts";
import { connect } from "../connect.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

const rolloutState = z.object({
  id: z.string(),
  release: z.string(),
  status: z.enum(["running", "paused", "rolling_back", "succeeded", "stopped", "rolled_back"]),
  batch: z.int(),
  batches: z.int(),
  reason: z.string().nullable(),
  departments: z.record(z.string(), z.int()),
  created_at: z.string(),
});
type RolloutState = z.infer<typeof rolloutState>;
const page = z.object({ items: z.array(rolloutState), next_cursor: z.string().nullable() });
const detail = rolloutState.extend({
  items: z.array(
    z.object({ department_id: z.string(), batch: z.int(), status: z.string(), error: z.string().nullable() }),
  ),
});

const options = {
  "batch-size": { type: "string" },
  "failures-max": { type: "string" },
  "gate-seconds": { type: "string" },
  rollback: { type: "string" },
  department: { type: "string", multiple: true },
  unproven: { type: "string" },
  watch: { type: "boolean", short: "w" },
} as const;
type Values = ReturnType<typeof parse<typeof options>>["values"];

const actions = "list, start <release>, status <id>, pause <id>, resume <id>, rollback <id>";
const everyMs = 1000;

export const rollout: Command = {
  name: "rollout",
  synopsis:
    "(list | start <release> [--batch-size n] [--failures-max n] [--gate-seconds n] [--rollback failed|all] [--department d]... [--unproven why] | status|pause|resume|rollback <id>) [--watch]",
  summary: "bring departments to a release in batches; stops, and puts back, where they fail",
  async run(args, config) {
    const { values, positionals, json } = parse(args, ["action", "[name]"], options);
    const [action = "", name] = positionals;
    const client = await connect(config);
    if (action === "list" && name === undefined) return list(client, json);
    if (name === undefined) throw new FederationError("usage", `Actions: ${actions}.`);
    const state = await act(client, action, name, values);
    if (values.watch)
      return watch(client, state.id, action === "rollback" ? "rolled_back" : "succeeded", json);
    if (action === "status" && !json) printStatus(detail.parse(state));
    else printJson(state);
    return exitCodes.ok;
  },
};

async function act(
  client: Client,
  action: string,
  name: string,
  values: Values,
): Promise<RolloutState & JsonObject> {
  const path = `/rollouts/${encodeURIComponent(name)}`;
  const answer =
    action === "start"
      ? await client.send("POST", "/rollouts", { release: name, ...wanted(values) })
      : action === "status"
        ? await client.get(path)
        : ["pause", "resume", "rollback"].includes(action)
          ? await client.send("POST", `${path}/${action}`, {})
          : undefined;
  if (answer === undefined) throw new FederationError("usage", `Actions: ${actions}.`);
  return { ...answer, ...rolloutState.parse(answer) };
}

function wanted(values: Values): JsonObject {
  const { rollback, department, unproven } = values;
  const numbers = (["batch-size", "failures-max", "gate-seconds"] as const).flatMap((option) => {
    const text = values[option];
    return text === undefined ? [] : [[option.replace("-", "_"), Number(text)]];
  });
  return {
    ...Object.fromEntries(numbers),
    ...(rollback !== undefined && { rollback }),
    ...(department && { departments: department }),
    ...(unproven !== undefined && { unproven_reason: unproven }),
  };
}

/** Shows every change until it is over; an outage of the web process meanwhile is waited for. */
async function watch(client: Client, id: string, good: string, json: boolean): Promise<ExitCode> {
  let shown = "";
  for (;;) {
    const state = await look(client, id);
    const line = state && lineOf(state);
    if (state && line !== undefined && line !== shown) {
      shown = line;
      if (json) process.stdout.write(`${JSON.stringify(state)}\n`);
      else printLine(line);
    }
    if (state && ["succeeded", "stopped", "rolled_back"].includes(state.status)) {
      if (!json && state.reason !== null) printLine(state.reason);
      return state.status === good ? exitCodes.ok : exitCodes.runFailed;
    }
    await Bun.sleep(everyMs);
  }
}

async function look(client: Client, id: string): Promise<RolloutState | undefined> {
  try {
    return rolloutState.parse(await client.get(`/rollouts/${id}`));
  } catch (error) {
    if (error instanceof ApiError && (error.status === 0 || error.status >= 500)) return undefined;
    throw error;
  }
}

function lineOf({ release, status, batch, batches, departments }: RolloutState): string {
  const counts = Object.entries(departments).filter(([, count]) => count > 0);
  const where = counts.map(([name, count]) => `${count} ${name.replace("_", " ")}`).join(", ");
  return `${release}  ${status.replace("_", " ")}  batch ${batch} of ${batches}  ${where}`;
}

function printStatus(state: z.infer<typeof detail>): void {
  printLine(lineOf(state));
  if (state.reason !== null) printLine(state.reason);
  const rows = state.items.map((item) => [item.department_id, item.batch, item.status, item.error]);
  printTable(["department", "batch", "status", "error"], rows);
}

async function list(client: Client, json: boolean): Promise<ExitCode> {
  const items: RolloutState[] = [];
  let cursor: string | null = null;
  do {
    const found = page.parse(
      await client.get(`/rollouts?limit=200${cursor === null ? "" : `&cursor=${cursor}`}`),
    );
    items.push(...found.items);
    cursor = found.next_cursor;
  } while (cursor !== null);
  if (json) printJson({ items });
  else {
    const rows = items.map((item) => [
      item.id,
      item.release,
      item.status,
      item.batch,
      item.batches,
      item.created_at,
    ]);
    printTable(["id", "release", "status", "batch", "of", "begun at"], rows);
  }
  return exitCodes.ok;
}
