import { afterEach, expect, test } from "bun:test";
import { FederationError } from "../../../../src/errors.ts";
import { projectName } from "../../../../src/providers/hosts/railway/mark.ts";
import type { FakeRailwayOptions } from "../../../fakes/railway/settings.ts";
import { errorOf, fastPace, scale } from "../../railway/railway-world.ts";
import {
  agentSpec,
  call,
  environment,
  openRailwayHostWorld,
  patient,
  provision,
  type RailwayHostWorld,
  waitOf,
} from "./world.ts";

let world: RailwayHostWorld;
afterEach(() => world.close());
const open = async (options: FakeRailwayOptions = {}) => (world = await openRailwayHostWorld(options));
const made = () => world.controls.counts.projectsCreated;

test("a project whose creation was not answered is waited for, not made again, while Railway may not show it", async () => {
  await open({ lagSeconds: [15, 15] });
  const spec = await world.makeSpec();
  world.controls.failNext("projectCreate", { kind: "drop", happened: true });
  const host = world.hostWith();
  expect(await errorOf(host.ensureProject(spec, call()))).toMatchObject({
    kind: "ambiguous",
    retryable: true,
  });
  expect((await waitOf(host.ensureProject(spec, call()))).wait.inLine).toBe(false);
  await patient(host).ensureProject(spec, call());
  expect(made()).toBe(1);
});

test("a worker that ended behind its creation is followed by one that finds what it made", async () => {
  await open();
  const spec = await world.makeSpec();
  let left = 2;
  const fence = () => (left-- > 0 ? Promise.resolve() : Promise.reject(new Error("killed")));
  expect((await errorOf(world.host.ensureProject(spec, call({ fence })))).message).toBe("killed");
  expect(made()).toBe(1);
  const found = await world.host.ensureProject(spec, call());
  expect(made()).toBe(1);
  expect(found.externalId).toBe(world.projectsOf(spec)[0]?.id ?? "none");
});

test("what is read right after it was made, and not shown yet, is waited for", async () => {
  await open({ lagSeconds: [10, 10], workspaces: [{ name: "one" }, { name: "two" }] });
  const specs = [await world.makeSpec(), await world.makeSpec()];
  await Promise.all(specs.map((spec) => provision(world.host, spec)));
  expect(specs.map((spec) => world.servicesOf(spec).length)).toEqual([1, 1]);
  expect(made()).toBe(2);
});

test("projects of others keep their names, their mark and their life", async () => {
  await open({ lagSeconds: [0, 0] });
  const spec = await world.makeSpec();
  const name = projectName(spec.slug, environment);
  const foreign = [
    world.controls.addForeignProject(name),
    Object.assign(world.controls.addForeignProject(name), {
      description: `federation production ${spec.departmentId}`,
    }),
    Object.assign(world.controls.addForeignProject(name), { description: `about ${spec.departmentId}` }),
  ];
  await provision(world.host, spec);
  const { externalId } = await world.host.ensureProject(spec, call());
  expect(foreign.map(({ id }) => id)).not.toContain(externalId);
  await world.host.destroy(spec.departmentId, call());
  expect(world.controls.projects().map(({ id }) => id)).toEqual(foreign.map(({ id }) => id));
  expect(await world.host.listOwned(call().signal)).toEqual([]);
});

test("of several projects with the department's mark one is kept", async () => {
  await open({ lagSeconds: [0, 0] });
  const spec = await world.makeSpec();
  const description = `federation ${environment} ${spec.departmentId}`;
  const oldest = Object.assign(world.controls.addForeignProject("ours"), { description });
  await Bun.sleep(2);
  Object.assign(world.controls.addForeignProject("ours"), { description });
  await world.host.ensureProject(spec, call());
  await world.host.ensureService(spec, call());
  expect(world.projectsOf(spec).map(({ id }) => id)).toEqual([oldest.id]);
  expect(made()).toBe(0);
});

test("a twin that shows up late is deleted before the agent is deployed", async () => {
  await open({ lagSeconds: [0, 0] });
  const spec = await world.makeSpec();
  world.controls.failNext("projectCreate", { kind: "504", happened: false });
  await world.host.ensureProject(spec, call());
  await world.host.ensureService(spec, call());
  await world.sql`update federation.railway_place set project_sends = 2 where department_id = ${spec.departmentId}`;
  const late = Object.assign(world.controls.addForeignProject("ours"), {
    description: `federation ${environment} ${spec.departmentId}`,
  });
  await provision(world.host, spec);
  expect(world.projectsOf(spec)).toHaveLength(1);
  expect(world.projectsOf(spec)[0]?.id).not.toBe(late.id);
});

test("a project that somebody deleted is made again, with everything in it", async () => {
  await open({ lagSeconds: [0, 1] });
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  const [project] = world.projectsOf(spec);
  Object.assign(project ?? {}, { deletedAt: 1 });
  await Bun.sleep(fastPace().lagSeconds * 1000);
  await provision(world.host, spec);
  expect(world.projectsOf(spec)).toHaveLength(1);
  expect(world.deploymentsOf(spec).map(({ status }) => status)).toEqual(["SUCCESS"]);
});

test("two workspaces share the load, though all are chosen at once", async () => {
  await open({ workspaces: [{ name: "one" }, { name: "two" }], lagSeconds: [0, 0] });
  const specs = await Promise.all(Array.from({ length: 6 }, () => world.makeSpec()));
  await Promise.all(specs.map((spec) => world.host.ensureProject(spec, call())));
  const perWorkspace = world.controls.workspaces.map(
    ({ id }) => world.controls.projects().filter(({ workspaceId }) => workspaceId === id).length,
  );
  expect(perWorkspace).toEqual([3, 3]);
  expect(world.controls.counts.throttled.projectCreate).toBe(0);
});

test("who waits for its turn stands in line with nothing sent", async () => {
  await open({ lagSeconds: [0, 0] });
  const [first, second] = [await world.makeSpec(), await world.makeSpec()];
  const host = world.hostWith({ pace: fastPace({ waitInPlaceSeconds: 1 / scale }) });
  await host.ensureProject(first, call());
  expect((await waitOf(host.ensureProject(second, call()))).wait.inLine).toBe(true);
  const [row] = await world.sql`
    select project_sent_at, project_sends from federation.railway_place where department_id = ${second.departmentId}`;
  expect(row).toEqual({ project_sent_at: null, project_sends: 0 });
  await patient(host).ensureProject(second, call());
  expect(made()).toBe(2);
});

test("no secret of the agent is in its row, its project's description or an error", async () => {
  await open();
  const canary = "canary-7d1f-of-the-agent";
  const spec = await world.makeSpec({
    variables: { AGENT_TOKEN: canary, DEPARTMENT_NAME: canary },
    release: "agent:bad",
  });
  world.controls.failNext("variableCollectionUpsert", {
    kind: "error",
    happened: false,
    message: `Invalid value ${canary}`,
  });
  const errors = [
    await errorOf(provision(patient(world.hostWith()), spec)),
    await errorOf(provision(patient(world.hostWith()), spec)),
  ];
  expect(errors.map((error) => error instanceof FederationError)).toEqual([true, true]);
  const rows = await world.sql`select * from federation.railway_place`;
  const written = [
    ...errors.flatMap((error) => [error.message, String(error.stack), String(error.cause)]),
    JSON.stringify(rows),
    ...world.controls.projects().map(({ name, description }) => `${name} ${description}`),
  ];
  expect(rows).toHaveLength(1);
  expect(written.filter((text) => text.includes(canary))).toEqual([]);
});

test("a department without a project is asked for nowhere", async () => {
  await open();
  const { departmentId } = agentSpec();
  expect(await world.host.inspect(departmentId, call().signal)).toEqual([]);
  await world.host.stop(departmentId, call());
  await world.host.destroy(departmentId, call());
  expect((await world.host.health(departmentId, call().signal)).status).toBe("absent");
});
