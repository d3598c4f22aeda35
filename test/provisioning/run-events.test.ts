import { afterAll, beforeAll, expect, test } from "bun:test";
import { FederationError } from "../../src/errors.ts";
import { type Bodies, type EngineWorld, engineWorld, planOf } from "./engine-world.ts";

let world: EngineWorld;
beforeAll(async () => void (world = await engineWorld()));
afterAll(() => world.close());

const fails = { run: () => Promise.reject(new FederationError("broken", "It is broken.")) };

/** What a run of one step tells outside, in order. */
async function toldBy(
  kind: "provision" | "deprovision" | "upgrade",
  bodies: Bodies,
  holdSeconds: number,
  end: string,
) {
  const plan = planOf({ only: [] }, { kind, departmentStatus: {} });
  const engine = world.start(plan, bodies, { holdSeconds });
  const run = await world.submit(plan);
  await world.until(run, end);
  await engine.close();
  const events = await world.admin`
    select e.type, e.data from federation.webhook_event e join federation.run r on r.department_id = e.department_id
    where r.id = ${run} order by e.id`;
  return events.map(({ type, data }) => [type, data.run_status, data.error, data.provisioning_id === run]);
}

test("a run's end is told in the statement that stores it: provisioned, deprovisioned, and nothing of other kinds", async () => {
  expect(await toldBy("provision", {}, 3600, "succeeded")).toEqual([
    ["department.provisioned", "succeeded", null, true],
  ]);
  expect(await toldBy("deprovision", {}, 3600, "succeeded")).toEqual([
    ["department.deprovisioned", "succeeded", null, true],
  ]);
  expect(await toldBy("upgrade", {}, 3600, "succeeded")).toEqual([]);
});

test("a failure is told when the run is parked, and when it was taken back, with the first cause", async () => {
  expect(await toldBy("provision", { only: fails }, 3600, "failed")).toEqual([
    ["department.failed", "failed", "broken", true],
  ]);
  expect(await toldBy("provision", { only: fails }, 0, "rolled_back")).toEqual([
    ["department.failed", "rolled_back", "broken", true],
  ]);
});
