import { afterAll, beforeAll, expect, test } from "bun:test";
import { provision, type TestRun, untilRun } from "./department.ts";
import { auditedActions } from "./expect-department.ts";
import {
  ends,
  expectOnlyAt,
  moveTo,
  type MoveWorld,
  startMoveWorld,
  submitMove,
  whileHeldAt,
} from "./move.ts";
import { agentPids } from "./processes.ts";

let world: MoveWorld;
beforeAll(async () => void (world = await startMoveWorld()), 60_000);
afterAll(() => world.close());

const cancel = (run: TestRun) => world.at.client.send("POST", `/runs/${run.id}/cancel`, {});
const start = (run: TestRun) => () => submitMove(world.at, run.slug, "docker");

test("a new agent that never gets well: taken back, nothing is left there, and the old agent was not touched", async () => {
  const broken = await startMoveWorld({ workers: 1, image: "broken:1" });
  try {
    const run = await provision(broken.at);
    const agent = () =>
      broken.at.sql`select * from federation.local_agent where department_id = ${run.department}`;
    const [before, pids] = [await agent(), agentPids(run.department)];
    const moved = await submitMove(broken.at, run.slug, "docker");
    const end = await untilRun(broken.at, moved.id, ...ends);
    expect([end.status, end.error]).toEqual(["rolled_back", "agent_not_started"]);
    await expectOnlyAt(broken, run, "local");
    expect(await agent()).toEqual(before);
    expect(agentPids(run.department)).toEqual(pids);
    expect((await auditedActions(broken.at, run.department)).get("agent.move")).toBeUndefined();
  } finally {
    await broken.close();
  }
});

for (const point of ["before.host.ensureService", "before.host.health"]) {
  test(`a move whose ${point.split(".")[2]} at the new host fails is taken back at once, and it lives where it did`, async () => {
    const run = await provision(world.at);
    world.at.arm(point, "fail");
    const moved = await submitMove(world.at, run.slug, "docker");
    const end = await untilRun(world.at, moved.id, ...ends).finally(() => world.at.disarm(point));
    expect(end.status).toBe("rolled_back");
    await expectOnlyAt(world, run, "local");
  });
}

for (const point of [
  "move-configure.begun",
  "move-deploy.settled",
  "switch-host.begun",
  "switch-host.settled",
]) {
  test(`cancelled at ${point}: it lives where it did, and can be moved again`, async () => {
    const run = await provision(world.at);
    const pids = agentPids(run.department);
    const { run: moved } = await whileHeldAt(world, point, start(run), cancel);
    expect((await untilRun(world.at, moved.id, ...ends)).status).toBe("cancelled");
    await expectOnlyAt(world, run, "local");
    expect(agentPids(run.department)).toEqual(pids);
    expect(await moveTo(world, run, "docker")).toBe("succeeded");
    await expectOnlyAt(world, run, "docker");
  });
}

test("a cancel behind the switch is refused, and the move goes on", async () => {
  const run = await provision(world.at);
  const { run: moved, answer } = await whileHeldAt(world, "remove-old-agent.begun", start(run), (it) =>
    cancel(it).catch((error: unknown) => error),
  );
  expect(answer).toMatchObject({ status: 409, code: "irreversible" });
  await untilRun(world.at, moved.id, "succeeded");
  await expectOnlyAt(world, run, "docker");
});

test("who read the old address before the switch still gets an answer from the old agent behind it", async () => {
  const run = await provision(world.at);
  const { deployment_url: before } = await world.at.client.get(`/departments/${run.slug}`);
  const { run: moved, answer } = await whileHeldAt(
    world,
    "remove-old-agent.settled",
    start(run),
    async () => {
      const { deployment_url: now } = await world.at.client.get(`/departments/${run.slug}`);
      return { now, status: (await fetch(`${String(before)}/health`)).status };
    },
  );
  expect(answer.now).toMatch(/^http:\/\/aio-/);
  expect(answer.status).toBe(200);
  await untilRun(world.at, moved.id, "succeeded");
});

test("an old place that cannot be taken away: it lives at the new one, and a retry ends the move", async () => {
  const run = await provision(world.at);
  world.at.arm("before.host.destroy", "fail");
  const moved = await submitMove(world.at, run.slug, "docker");
  const parked = await untilRun(world.at, moved.id, ...ends);
  world.at.disarm("before.host.destroy");
  expect([parked.status, parked.error, parked.department]).toEqual(["failed", "made_to_fail", "active"]);
  const { host } = await world.at.client.get(`/departments/${run.slug}`);
  expect(host).toBe("docker");
  await expect(cancel(moved)).rejects.toMatchObject({ code: "irreversible" });
  await world.at.client.send("POST", `/runs/${moved.id}/retry`, {});
  await untilRun(world.at, moved.id, "succeeded");
  await expectOnlyAt(world, run, "docker");
});
