import { afterAll, beforeAll, expect, test } from "bun:test";
import { call, openRailwayHostWorld, patient, provision, type RailwayHostWorld, waitOf } from "./world.ts";

let world: RailwayHostWorld;
beforeAll(async () => {
  world = await openRailwayHostWorld({ workspaces: [{ name: "one" }, { name: "two" }, { name: "three" }] });
});
afterAll(() => world.close());

test("a project whose deletion is scheduled counts as absent, and neither runs nor holds a variable", async () => {
  const spec = await world.makeSpec();
  const host = patient(world.hostWith({ deletes: "scheduled" }));
  await provision(host, spec);
  const [service] = world.servicesOf(spec);
  await host.destroy(spec.departmentId, call());
  expect(await host.inspect(spec.departmentId, call().signal)).toEqual([]);
  const [project] = world.controls
    .projects({ includeDeleted: true })
    .filter(({ description }) => description?.includes(spec.departmentId));
  expect(project?.deletedAt).toBeGreaterThan(Date.now());
  expect(world.controls.deploymentsOf(project?.id ?? "").map(({ status }) => status)).toEqual(["REMOVED"]);
  const left = [...world.controls.world.variables].filter(([at]) => at.startsWith(`${service?.id} `));
  expect(left.map(([, variables]) => variables)).toEqual([{}]);
});

test("a stop waits with no worker held until the last conversation has ended", async () => {
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  const host = world.hostWith();
  expect((await waitOf(host.stop(spec.departmentId, call()))).code).toBe("agent_stopping");
  expect(world.deploymentsOf(spec).map(({ status }) => status)).toEqual(["REMOVING"]);
  await patient(host).stop(spec.departmentId, call());
  expect(world.deploymentsOf(spec).map(({ status }) => status)).toEqual(["REMOVED"]);
});

test("a stop ends a deployment of which only its answer is known yet", async () => {
  const spec = await world.makeSpec();
  world.controls.settings.lagSeconds = [15, 15];
  try {
    const at = call();
    await world.host.ensureProject(spec, at);
    await world.host.ensureService(spec, at);
    const host = world.hostWith();
    while ((await waitOf(host.deploy(spec, at))).code !== "agent_starting");
    await world.host.stop(spec.departmentId, call());
    await Bun.sleep(600);
    expect(world.deploymentsOf(spec).map(({ status }) => status)).toEqual(["REMOVED"]);
  } finally {
    world.controls.settings.lagSeconds = [1, 4];
  }
});

test("the agent's last lines and what Railway metered of it are told", async () => {
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  const lines = await world.host.logs(spec.departmentId, { tailLines: 2 }, call().signal);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(2);
  const period = { from: new Date(Date.now() - 3_600_000), to: new Date() };
  const usage = await world.host.usage(spec.departmentId, period, call().signal);
  expect(usage.memoryGbMinutes).toBeGreaterThan(0);
  expect(Object.keys(usage)).toEqual(["vcpuMinutes", "memoryGbMinutes", "egressGb", "diskGbMinutes"]);
});
