import type { JsonObject } from "../../src/json.ts";
import { until } from "../helpers/installation.ts";
import type { DocsWorld } from "./world.ts";

/** Waits until the run is over, or parked. */
export async function runEnded({ client }: DocsWorld, run: string): Promise<JsonObject> {
  return until(`run ${run} is over`, async () => {
    const state = await client.get(`/provision-status/${run}`);
    return ["succeeded", "failed", "rolled_back", "cancelled"].includes(String(state["run_status"])) && state;
  });
}

/** The department `legal` of the docs, active; made anew unless this made it. Answers the run that made it. */
export async function legal(world: DocsWorld): Promise<string> {
  const run = world.legalRun;
  const found = await world.client.get("/departments/legal").catch(() => undefined);
  if (run !== undefined && found?.["status"] === "active") return run;
  await nothingOf(world, "legal");
  world.legalRun = await provision(world, "legal");
  await runEnded(world, world.legalRun);
  return world.legalRun;
}

/** Takes a department away where there is one, so that a page can make it. */
export async function nothingOf(world: DocsWorld, department: string): Promise<void> {
  const { client } = world;
  if (department === "legal") delete world.legalRun;
  await client.send("DELETE", `/deprovision/${department}`, { grace_hours: 0 }).catch(() => undefined);
  await until(`nothing is left of ${department}`, () =>
    client.get(`/departments/${department}`).then(
      ({ status }) => status === "deprovisioned",
      () => true,
    ),
  );
}

/** A run that n8n refused; each time it is asked for, it has failed once more. */
export async function parkedRun(world: DocsWorld): Promise<string> {
  world.refusedRun ??= await submitRefused(world);
  const { run_status: status } = await runEnded(world, world.refusedRun);
  if (status !== "failed") throw new Error(`the run is ${String(status)} and not parked`);
  return world.refusedRun;
}

/** The parked run, at its end: what it waits for is mended. */
export async function mendedRun(world: DocsWorld): Promise<string> {
  const run = await parkedRun(world);
  world.n8n.refuse(false);
  delete world.refusedRun;
  return run;
}

async function submitRefused(world: DocsWorld): Promise<string> {
  world.n8n.refuse(true);
  return provision(world, `refused-${crypto.randomUUID().slice(0, 8)}`, ["calendar"]);
}

async function provision({ client }: DocsWorld, department: string, tools = ["database"]): Promise<string> {
  const started = await client.send("POST", "/provision-department", {
    department_id: department,
    department_name: department,
    enabled_tools: tools,
    admin_email: `${department}@example.com`,
  });
  return String(started["provisioning_id"]);
}
