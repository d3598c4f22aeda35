import { afterAll, beforeAll, expect, test } from "bun:test";
import { FederationError, WaitError } from "../../../../src/errors.ts";
import type { AgentSpec } from "../../../../src/providers/hosts/host.ts";
import { errorOf, fastPace, scale } from "../../railway/railway-world.ts";
import {
  call,
  inRelease,
  openRailwayHostWorld,
  patient,
  provision,
  type RailwayHostWorld,
  waitOf,
} from "./world.ts";

let world: RailwayHostWorld;
beforeAll(async () => {
  world = await openRailwayHostWorld({ workspaces: [{ name: "one" }, { name: "two" }, { name: "three" }] });
});
afterAll(() => world.close());

const requests = () => ({ ...world.controls.counts.requests });
const causesOf = (spec: AgentSpec) =>
  world.deploymentsOf(spec).map(({ cause, image, status }) => `${cause} ${image} ${status}`);

async function upgrade(spec: AgentSpec, at = call()) {
  await world.host.setVariables(spec, at);
  return await world.host.deploy(spec, at);
}

test("a provisioning costs one redeploy, whatever the variables, and one write for all of them", async () => {
  const before = requests();
  const variables = Object.fromEntries(
    Array.from({ length: 20 }, (_, nth) => [`NAME_${nth}`, `value ${nth}`]),
  );
  const spec = await world.makeSpec({ variables });
  await provision(world.host, spec);
  await provision(world.host, spec);
  expect(causesOf(spec)).toEqual(["deployV2 agent:r1 SUCCESS"]);
  const made = Object.entries(requests()).flatMap(([name, count]) =>
    /Create|Upsert|Update|Deploy/.test(name) ? [[name, count - (before[name] ?? 0)] as const] : [],
  );
  expect(Object.fromEntries(made)).toEqual({
    projectCreate: 1,
    serviceCreate: 1,
    variableCollectionUpsert: 1,
    serviceInstanceUpdate: 1,
    serviceInstanceLimitsUpdate: 1,
    serviceInstanceDeployV2: 1,
  });
});

test("changed variables reach nothing that runs before the deploy", async () => {
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  await world.host.setVariables({ ...spec, variables: { ...spec.variables, MORE: "yes" } }, call());
  expect(causesOf(spec)).toEqual(["deployV2 agent:r1 SUCCESS"]);
  expect(world.deploymentsOf(spec)[0]?.variables).not.toHaveProperty("MORE");
});

test("a deploy waits with no worker held while Railway is at work", async () => {
  const spec = await world.makeSpec();
  const at = call();
  await world.host.ensureProject(spec, at);
  await world.host.ensureService(spec, at);
  const host = world.hostWith();
  let waited = await waitOf(host.deploy(spec, at));
  for (; waited.code !== "agent_starting"; waited = await waitOf(host.deploy(spec, at)))
    expect(waited.wait.inLine).toBe(false);
  expect(waited.wait).toEqual({ seconds: fastPace().pollSeconds, inLine: false });
  await patient(host).deploy(spec, at);
  expect(causesOf(spec)).toEqual(["deployV2 agent:r1 SUCCESS"]);
});

test("a new agent that fails leaves the old one running, and going back to it costs no deployment", async () => {
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  const bad = inRelease(spec, "agent:bad");
  expect(await errorOf(upgrade(bad))).toMatchObject({ code: "agent_rolled_back", retryable: false });
  expect((await world.host.health(spec.departmentId, call().signal)).status).toBe("ready");
  await upgrade(spec);
  expect(causesOf(spec)).toEqual(["deployV2 agent:r1 SUCCESS", "deployV2 agent:bad FAILED"]);
  // What Railway would start next is the old one again.
  const [service] = world.servicesOf(spec);
  const [instance] = [...world.controls.world.instances.values()].filter(
    ({ serviceId }) => serviceId === service?.id,
  );
  expect(instance?.settings.source?.image).toBe("agent:r1");
  const [stored] = [...world.controls.world.variables].filter(([at]) => at.startsWith(`${service?.id} `));
  expect(stored?.[1]).toMatchObject({ RELEASE: "agent:r1" });
});

test("a first agent that fails is nothing to go back to, and the next try deploys again", async () => {
  const spec = await world.makeSpec({ release: "agent:bad" });
  const failed = await errorOf(provision(world.host, spec));
  expect(failed).toMatchObject({ code: "agent_not_started", retryable: true });
  expect((await world.host.health(spec.departmentId, call().signal)).status).toBe("unhealthy");
  await errorOf(world.host.deploy(spec, call()));
  expect(causesOf(spec)).toEqual(["deployV2 agent:bad FAILED", "deployV2 agent:bad FAILED"]);
});

test("a deployment that takes too long is taken off", async () => {
  const spec = await world.makeSpec({ release: "agent:slow" });
  const pace = fastPace({ deploySecondsMax: 5 / scale, lagSeconds: 5 / scale });
  const failed = await errorOf(provision(patient(world.hostWith({ pace })), spec));
  expect(failed).toMatchObject({ code: "agent_not_started", retryable: true });
  expect(causesOf(spec)).toEqual(["deployV2 agent:slow REMOVED"]);
});

test("a deployment that somebody has to approve ends the deploy for good, and its retry goes on with it", async () => {
  const spec = await world.makeSpec({ release: "agent:approval" });
  const failed = await errorOf(provision(world.host, spec));
  expect(failed).toMatchObject({ code: "agent_needs_approval", retryable: false });
  expect(failed).not.toBeInstanceOf(WaitError);
  expect((await world.host.health(spec.departmentId, call().signal)).status).toBe("unhealthy");
  const [waiting] = world.deploymentsOf(spec);
  const deployment = world.controls.world.deployments.get(waiting?.id ?? "");
  deployment?.steps.push({ status: "SUCCESS", at: Date.now() });
  await world.host.deploy(spec, call());
  expect(causesOf(spec)).toEqual(["deployV2 agent:approval SUCCESS"]);
});

test("an agent that ended is not ready any more, and its deploy starts it again", async () => {
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  world.controls.crash(world.servicesOf(spec)[0]?.id ?? "");
  expect((await world.host.health(spec.departmentId, call().signal)).status).toBe("unhealthy");
  await world.host.deploy(spec, call());
  expect((await world.host.health(spec.departmentId, call().signal)).status).toBe("ready");
  expect(world.deploymentsOf(spec)).toHaveLength(2);
});

test("the revision of before comes back by Railway's rollback", async () => {
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  await upgrade(inRelease(spec, "agent:r2"));
  await upgrade(spec);
  expect(world.deploymentsOf(spec).map(({ cause }) => cause)).toEqual(["deployV2", "deployV2", "rollback"]);
  expect(world.running(spec.departmentId)?.release).toBe("agent:r1");
});

test("an upgrade that is given up while it starts is taken off, and the old agent was never gone", async () => {
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  const next = inRelease(spec, "agent:slow");
  await waitOf(world.hostWith().deploy(next, call()));
  await upgrade(spec);
  expect(causesOf(spec)).toEqual(["deployV2 agent:r1 SUCCESS", "deployV2 agent:slow REMOVED"]);
});

test("a stop while the agent starts ends the deploy, which does not start it again", async () => {
  const spec = await world.makeSpec();
  const at = call();
  await world.host.ensureProject(spec, at);
  await world.host.ensureService(spec, at);
  const host = world.hostWith();
  while ((await waitOf(host.deploy(spec, at))).code !== "agent_starting");
  await world.host.stop(spec.departmentId, call());
  const ended = await errorOf(world.host.deploy(spec, at));
  expect(ended).toBeInstanceOf(FederationError);
  expect(ended).toMatchObject({ code: "agent_stopped", retryable: false });
  expect(causesOf(spec)).toEqual(["deployV2 agent:r1 REMOVED"]);
});

test("a worker that lost its lease between two calls sends none of the later ones", async () => {
  const spec = await world.makeSpec();
  await provision(world.host, spec);
  const before = requests();
  let left = 3;
  const fence = () =>
    left-- > 0 ? Promise.resolve() : Promise.reject(new FederationError("lease_lost", "The lease was lost."));
  const lost = await errorOf(world.host.deploy(inRelease(spec, "agent:r2"), call({ fence })));
  expect(lost).toMatchObject({ code: "lease_lost" });
  expect(causesOf(spec)).toEqual(["deployV2 agent:r1 SUCCESS"]);
  const after = requests();
  expect(after["serviceInstanceDeployV2"]).toBe(before["serviceInstanceDeployV2"] ?? 0);
  // A later run, with its own lease, finds its way from what is half done.
  await upgrade(inRelease(spec, "agent:r2"));
  expect(world.deploymentsOf(spec).map(({ image }) => image)).toEqual(["agent:r1", "agent:r2"]);
  expect(world.running(spec.departmentId)?.release).toBe("agent:r2");
});
