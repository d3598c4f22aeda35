import { afterAll, beforeAll, expect, test } from "bun:test";
import { thingsOf } from "../fakes/docker/things-of.ts";
import { provision, submitDeprovision, untilRun } from "./department.ts";
import { auditedActions, expectGone } from "./expect-department.ts";
import { killAt } from "./kill-at.ts";
import { submitLockdown } from "./lock.ts";
import { expectAlwaysReady, whileCalled } from "./move-load.ts";
import { expectOnlyAt, moveTo, type MoveWorld, startMoveWorld, submitMove } from "./move.ts";
import { submitUpgrade } from "./upgrade.ts";

let world: MoveWorld;
beforeAll(async () => void (world = await startMoveWorld()), 60_000);
afterAll(() => world.close());

test("a department moves to another host and back: one place each time, and its trail says so", async () => {
  const run = await provision(world.at);
  await expectOnlyAt(world, run, "local");
  const there = await submitMove(world.at, run.slug, "docker");
  const word = async () => (await world.at.client.get(`/provision-status/${there.id}`))["status"];
  expect(await word()).toBe("moving");
  await untilRun(world.at, there.id, "succeeded");
  expect(await word()).toBe("active");
  await expectOnlyAt(world, run, "docker");
  expect(await moveTo(world, run, "local")).toBe("succeeded");
  await expectOnlyAt(world, run, "local");
  const actions = await auditedActions(world.at, run.department);
  expect([actions.get("department.move"), actions.get("agent.move")]).toEqual([2, 2]);
  expect([actions.get("resource.create"), actions.get("resource.delete")]).toEqual([8, 4]);
});

test("under load its agent answers throughout, there and back", async () => {
  const run = await provision(world.at);
  const seen = await whileCalled(world.at, run, world.services.url, async (more) => {
    await more();
    expect(await moveTo(world, run, "docker")).toBe("succeeded");
    await more();
    expect(await moveTo(world, run, "local")).toBe("succeeded");
    await more();
  });
  expectAlwaysReady(seen);
});

test("its definition says where it is: put as it is shown, rolled back and upgraded, it stays there", async () => {
  const run = await provision(world.at);
  expect(await moveTo(world, run, "docker")).toBe("succeeded");
  const path = `/departments/${run.slug}/config`;
  const { version, config } = await world.at.client.get(path);
  await world.at.client.send("PUT", path, { expected_version: version, config });
  await world.at.client.send("POST", `${path}/rollback`, { to_version: 1, expected_version: 3 });
  await expectOnlyAt(world, run, "docker");
  await untilRun(world.at, (await submitUpgrade(world.at, run.slug)).id, "succeeded");
  await expectOnlyAt(world, run, "docker");
});

test("deprovisioned after moves it is gone from both hosts, also what somebody brought back to a former one", async () => {
  const run = await provision(world.at);
  expect(await moveTo(world, run, "docker")).toBe("succeeded");
  const labels = [...world.engine.networks.values()].find(
    ({ Labels }) => Labels["federation.department"] === run.department,
  )?.Labels;
  expect(await moveTo(world, run, "local")).toBe("succeeded");
  world.engine.addNetwork("brought-back", { ...labels });
  await untilRun(world.at, (await submitDeprovision(world.at, run.slug)).id, "succeeded");
  await expectGone(world.at, run);
  expect(thingsOf(world.engine, run.department)).toEqual([]);
});

for (const point of ["after.host.deploy", "switch-host.settled", "after.host.destroy"]) {
  test(`worker killed at ${point} of a move: another one goes on within 5 s, and it ends in one place`, async () => {
    const run = await provision(world.at);
    const { run: moved } = await killAt(world.at, point, () => submitMove(world.at, run.slug, "docker"));
    await untilRun(world.at, moved.id, "succeeded");
    await expectOnlyAt(world, run, "docker");
  });
}

test("a move to where it is, to a host that is not set up, beside another run, or of a locked department is refused", async () => {
  const run = await provision(world.at);
  const asked = (to: string) => world.at.client.send("POST", `/departments/${run.slug}/move`, { to });
  await expect(asked("local")).rejects.toMatchObject({ status: 422, code: "already_there" });
  await expect(asked("railway")).rejects.toMatchObject({ status: 422, code: "host_not_configured" });
  const upgrade = await submitUpgrade(world.at, run.slug);
  await expect(asked("docker")).rejects.toMatchObject({ status: 409, code: "run_in_progress" });
  await untilRun(world.at, upgrade.id, "succeeded");
  await untilRun(world.at, (await submitLockdown(world.at, run.slug)).id, "succeeded");
  await expect(asked("docker")).rejects.toMatchObject({ status: 409, code: "not_active" });
});
