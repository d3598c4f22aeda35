import { afterAll, beforeAll, expect, test } from "bun:test";
import { until } from "../helpers/installation.ts";
import { provision, submitDeprovision, untilRun } from "./department.ts";
import { auditedActions, expectGone } from "./expect-department.ts";
import { expectOnlyAt, type HostName, type MoveWorld, startMoveWorld, submitMove } from "./move.ts";

let world: MoveWorld;
beforeAll(async () => void (world = await startMoveWorld()), 60_000);
afterAll(() => world.close());

async function move(slug: string, to: HostName) {
  const run = await submitMove(world.at, slug, to);
  return untilRun(world.at, run.id, "succeeded", "failed", "rolled_back");
}

test("a department moves to another host and back: one place each time, and its trail says so", async () => {
  const run = await provision(world.at);
  await expectOnlyAt(world, run, "local");
  expect((await move(run.slug, "docker")).status).toBe("succeeded");
  await expectOnlyAt(world, run, "docker");
  expect((await move(run.slug, "local")).status).toBe("succeeded");
  await expectOnlyAt(world, run, "local");
  const actions = await auditedActions(world.at, run.department);
  expect([actions.get("department.move"), actions.get("agent.move")]).toEqual([2, 2]);
});
