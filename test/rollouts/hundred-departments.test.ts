import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TestDepartment } from "../http/edge.ts";
import { type RolloutsWorld, rolloutsWorld } from "./world.ts";

let world: RolloutsWorld;
let departments: TestDepartment[];
const count = 100;
const next = "agent:next";
beforeAll(async () => {
  world = await rolloutsWorld();
  departments = await world.addDepartments(count);
  await world.addRelease("next", next);
}, 120_000);
afterAll(() => world.close());

const slugOf = (at: number) => departments[at]?.slug ?? "";
const runningOf = () => departments.map(({ id }) => world.memory.running.get(id));
const releasesOf = async () => {
  const rows = await world.sql<{ release: string }[]>`
    select release from federation.department order by created_at, id`;
  return rows.map(({ release }) => release);
};

test("over 100 departments two broken ones stop it in their batch: they are back, it says why, later ones are untouched", async () => {
  const broken = [23, 27];
  for (const at of broken) world.memory.break(departments[at]?.id ?? "", next);
  const engine = world.startEngine();
  try {
    const id = await world.start("next", { batch_size: 10 });
    const ended = await world.carryOn(id, "stopped", "succeeded");
    expect(ended).toMatchObject({
      status: "stopped",
      batch: 3,
      batches: 10,
      departments: {
        done: 28,
        rolled_back: 2,
        pending: 70,
        failed: 0,
        upgrading: 0,
        rolling_back: 0,
        skipped: 0,
      },
    });
    for (const at of broken) {
      expect(ended.reason).toContain(`${slugOf(at)}: agent_unhealthy: The agent of ${next} does not answer.`);
    }
    const expected = departments.map((_, at) => (at < 30 && !broken.includes(at) ? next : world.before));
    expect(runningOf()).toEqual(expected);
    expect(await releasesOf()).toEqual(expected);
    expect(await world.sql`select from federation.run`).toHaveLength(30);
    const alerts =
      await world.sql`select subject, severity, status from federation.alert where name = 'rollout_stopped'`;
    expect([...alerts]).toEqual([{ subject: id, severity: "warning", status: "firing" }]);
  } finally {
    await engine.close();
  }
}, 180_000);

test("once they are mended the next rollout reaches all 100 and ends the alert; rolled back, all are as before", async () => {
  world.memory.mend();
  const engine = world.startEngine();
  try {
    const id = await world.start("next", { batch_size: 25 });
    expect(await world.carryOn(id, "stopped", "succeeded")).toMatchObject({
      status: "succeeded",
      departments: { done: count },
    });
    expect(new Set(runningOf())).toEqual(new Set([next]));
    const firing = await world.sql`select from federation.alert where status = 'firing'`;
    expect(firing).toHaveLength(0);
    await world.call("POST", `/rollouts/${id}/rollback`, {});
    expect(await world.carryOn(id, "rolled_back")).toMatchObject({ departments: { rolled_back: count } });
    const expected = departments.map((_, at) => (at < 30 && ![23, 27].includes(at) ? next : world.before));
    expect(runningOf()).toEqual(expected);
    expect(await releasesOf()).toEqual(expected);
  } finally {
    await engine.close();
  }
}, 300_000);
