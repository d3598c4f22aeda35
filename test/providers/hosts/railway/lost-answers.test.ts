import { afterAll, beforeAll, expect, test } from "bun:test";
import { type RailwayHost } from "../../../../src/providers/hosts/railway/host.ts";
import { call, inRelease, openRailwayHostWorld, patient, provision, type RailwayHostWorld } from "./world.ts";

let world: RailwayHostWorld;
let host: RailwayHost;
beforeAll(async () => {
  const workspaces = Array.from({ length: 8 }, (_, nth) => ({ name: `workspace ${nth}` }));
  world = await openRailwayHostWorld({ workspaces, serveAgents: true });
  host = patient(world.hostWith({ domains: "public" }));
});
afterAll(() => world.close());

const faults = [
  { kind: "504", happened: true },
  { kind: "504", happened: false },
  { kind: "drop", happened: true },
  { kind: "drop", happened: false },
] as const;
const each = (mutations: string[], among: readonly (typeof faults)[number][] = faults) =>
  mutations.flatMap((mutation) => among.map((fault) => ({ mutation, ...fault, fault })));
const drops = faults.filter(({ kind }) => kind === "drop");

test.each(
  each([
    ...["projectCreate", "serviceCreate", "variableCollectionUpsert", "serviceInstanceUpdate"],
    ...["serviceInstanceLimitsUpdate", "serviceInstanceDeployV2", "serviceDomainCreate"],
  ]),
)(
  "$mutation answered with $kind (carried out: $happened): one project, service, deployment and domain",
  async ({ mutation, fault }) => {
    const spec = await world.makeSpec();
    const failedBefore = world.controls.counts.faults[fault.kind];
    world.controls.failNext(mutation, fault);
    await provision(host, spec);
    expect(world.controls.counts.faults[fault.kind]).toBe(failedBefore + 1);
    expect(world.projectsOf(spec)).toHaveLength(1);
    expect(world.servicesOf(spec).map(({ name }) => name)).toEqual(["agent"]);
    const [deployment, ...others] = world.deploymentsOf(spec);
    expect(others).toEqual([]);
    expect(deployment).toMatchObject({ status: "SUCCESS", image: spec.release, cause: "deployV2" });
    expect(deployment?.variables).toMatchObject({ ...spec.variables, PORT: "8080" });
    expect(domainsOf(spec)).toHaveLength(1);
  },
);

test.each(each(["deploymentRollback"], drops))(
  "$mutation answered with $kind (carried out: $happened): one deployment goes back to the revision of before",
  async ({ mutation, fault }) => {
    const spec = await world.makeSpec();
    await provision(host, spec);
    await upgrade(host, inRelease(spec, "agent:r2"));
    world.controls.failNext(mutation, fault);
    await upgrade(host, spec);
    const causes = world.deploymentsOf(spec).map(({ cause, image }) => `${cause} ${image}`);
    expect(causes).toEqual(["deployV2 agent:r1", "deployV2 agent:r2", "rollback agent:r1"]);
    expect(world.running(spec.departmentId)?.release).toBe("agent:r1");
  },
);

test.each(each(["deploymentRemove", "projectDelete"], drops))(
  "$mutation answered with $kind (carried out: $happened): nothing runs, then nothing is left",
  async ({ mutation, fault }) => {
    const spec = await world.makeSpec();
    await provision(host, spec);
    world.controls.failNext(mutation, fault);
    await host.stop(spec.departmentId, call());
    expect(world.deploymentsOf(spec).map(({ status }) => status)).toEqual(["REMOVED"]);
    await host.destroy(spec.departmentId, call());
    expect(world.projectsOf(spec)).toEqual([]);
    expect(await host.inspect(spec.departmentId, call().signal)).toEqual([]);
  },
);

async function upgrade(on: RailwayHost, spec: Parameters<RailwayHost["deploy"]>[0]) {
  await on.setVariables(spec, call());
  await on.deploy(spec, call());
}

function domainsOf(spec: { departmentId: string }) {
  const ids = new Set(world.servicesOf(spec).map(({ id }) => id));
  return [...world.controls.world.domains.values()].filter(({ serviceId }) => ids.has(serviceId));
}
