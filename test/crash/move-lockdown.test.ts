import { afterAll, beforeAll, expect, test } from "bun:test";
import { thingsOf } from "../fakes/docker/things-of.ts";
import { until } from "../helpers/installation.ts";
import { provision, readRun, type TestRun, untilRun } from "./department.ts";
import { submitLockdown, submitUnlock } from "./lock.ts";
import {
  ends,
  expectNothingRuns,
  expectOnlyAt,
  moveTo,
  type MoveWorld,
  startMoveWorld,
  submitMove,
  whileHeldAt,
} from "./move.ts";

let world: MoveWorld;
beforeAll(async () => void (world = await startMoveWorld()), 60_000);
afterAll(() => world.close());

const lock = (run: TestRun) => submitLockdown(world.at, run.slug);

async function expectLocked(run: TestRun) {
  await expectNothingRuns(world, run);
  const [row] = await world.at.sql`
    select status, agent_url, locked_at is not null as locked from federation.department where id = ${run.department}`;
  expect(row).toEqual({ status: "suspended", agent_url: null, locked: true } as never);
}

for (const [point, to, end] of [
  ["move-deploy.begun", "docker", "cancelled"],
  ["move-deploy.settled", "docker", "cancelled"],
  ["after.host.deploy", "local", "cancelled"],
  ["switch-host.begun", "docker", "cancelled"],
  ["switch-host.settled", "docker", "cancelled"],
  ["switch-host.settled", "local", "cancelled"],
  ["remove-old-agent.begun", "docker", "succeeded"],
  ["before.host.destroy", "local", "succeeded"],
] as const) {
  test(`a lockdown while a move to ${to} is at ${point}: nothing of it runs on either host, and an unlock brings it back to one`, async () => {
    const run = await provision(world.at);
    const other = to === "docker" ? "local" : "docker";
    if (to === "local") expect(await moveTo(world, run, "docker")).toBe("succeeded");
    const start = () => submitMove(world.at, run.slug, to);
    const { run: moved, answer } = await whileHeldAt(world, point, start, () => lock(run));
    await untilRun(world.at, answer.id, "succeeded");
    await expectLocked(run);
    expect((await untilRun(world.at, moved.id, ...ends)).status).toBe(end);
    await expectLocked(run);
    await untilRun(world.at, (await submitUnlock(world.at, run.slug)).id, "succeeded");
    await expectOnlyAt(world, run, end === "succeeded" ? to : other);
  });
}

test("a lockdown does not wait for an old place that takes its time to go", async () => {
  const run = await provision(world.at);
  expect(await moveTo(world, run, "docker")).toBe("succeeded");
  world.engine.failNext("DELETE /networks/", "hang");
  const moved = await submitMove(world.at, run.slug, "local");
  await until("the network is all that is left", () =>
    Promise.resolve(Bun.deepEquals(thingsOf(world.engine, run.department), ["network"])),
  );
  await untilRun(world.at, (await lock(run)).id, "succeeded");
  expect((await readRun(world.at, moved.id)).over).toBe(false);
  await expectLocked(run);
  await untilRun(world.at, moved.id, "succeeded");
  await expectLocked(run);
});

test("a host that does not answer does not keep a lockdown from stopping the agent on the other one", async () => {
  const run = await provision(world.at);
  world.at.arm("before.host.destroy", "fail");
  await untilRun(world.at, (await submitMove(world.at, run.slug, "docker")).id, "failed");
  world.at.disarm("before.host.destroy");
  world.engine.failNext("POST /services/", { status: 503, message: "away" });
  await untilRun(world.at, (await lock(run)).id, "succeeded");
  await expectLocked(run);
});
