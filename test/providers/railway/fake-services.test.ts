import { afterEach, beforeEach, expect, test } from "bun:test";
import { type FakeRailway, startFakeRailway } from "../../fakes/railway/start-fake-railway.ts";
import { type Ask, askerOf, makerOf, messageOf } from "./ask.ts";

let fake: FakeRailway;
let ask: Ask;
let make: ReturnType<typeof makerOf>;
beforeEach(async () => {
  // Railway's second takes 1,000: its time passes only as a test says.
  fake = await startFakeRailway({ scale: 1 / 1000, lagSeconds: [10, 10] });
  ask = askerOf(fake);
  make = makerOf(fake);
});
afterEach(() => fake.close());

test("a name is unique in its project, also right after it was given", async () => {
  const { projectId } = await make.service();
  const create = (name: string) =>
    ask("mutation($input: ServiceCreateInput!) { serviceCreate(input: $input) { id } }", {
      input: { projectId, name },
    });
  expect(await messageOf(create("agent"))).toBe('A service named "agent" already exists in this project');
  expect(await messageOf(create("x".repeat(49)))).toBe("Invalid service name");
  expect(await messageOf(create("other"))).toBeUndefined();
});

test("one with a source deploys when it is made, one without does not", async () => {
  const { projectId } = await make.service();
  expect(fake.controls.deploymentsOf(projectId)).toEqual([]);
  await ask(
    `mutation { serviceCreate(input: { projectId: "${projectId}", name: "web", source: { image: "nginx:1" } }) { id } }`,
  );
  expect(fake.controls.deploymentsOf(projectId)).toMatchObject([{ cause: "source", image: "nginx:1" }]);
});

test("a fork has the services that are made in it, and they are nowhere else", async () => {
  const { projectId, environmentId } = await make.service();
  const fork = await ask<{ environmentCreate: { id: string } }>(
    `mutation { environmentCreate(input: {
      projectId: "${projectId}", name: "fork", sourceEnvironmentId: "${environmentId}"
    }) { id } }`,
  );
  const forkId = fork.data.environmentCreate.id;
  await ask(
    `mutation { serviceCreate(input: { projectId: "${projectId}", name: "extra", environmentId: "${forkId}" }) { id } }`,
  );
  fake.controls.advance(10);
  const servicesIn = async (id: string) =>
    (
      await ask<{ environment: { serviceInstances: { edges: { node: { serviceName: string } }[] } } }>(
        `{ environment(id: "${id}") { serviceInstances { edges { node { serviceName } } } } }`,
      )
    ).data.environment.serviceInstances.edges.map(({ node }) => node.serviceName);
  expect(await servicesIn(environmentId)).toEqual(["agent"]);
  expect(await servicesIn(forkId)).toEqual(["agent", "extra"]);
});

test("a collection of variables is merged or replaced, and what runs sees Railway's own as well", async () => {
  const place = await make.service();
  const { projectId, environmentId, serviceId } = place;
  const upsert = (variables: object, replace: boolean) =>
    ask("mutation($input: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $input) }", {
      input: { ...place, variables, replace, skipDeploys: true },
    });
  const read = async () =>
    (
      await ask<{ variables: Record<string, string> }>(
        `{ variables(projectId: "${projectId}", environmentId: "${environmentId}", serviceId: "${serviceId}") }`,
      )
    ).data.variables;
  fake.controls.advance(10);
  await upsert({ A: "1", B: "2" }, false);
  await upsert({ B: "3" }, false);
  expect(await read()).toMatchObject({ A: "1", B: "3", RAILWAY_SERVICE_NAME: "agent" });
  await upsert({ C: "4" }, true);
  expect(await read()).toMatchObject({ C: "4" });
  expect(await read()).not.toHaveProperty("A");
  expect(await messageOf(upsert({ D: 5 }, false))).toBe("Problem processing request");
});

test("a service may be made again under the name of one that is gone", async () => {
  const { projectId, serviceId } = await make.service();
  await ask(`mutation { serviceDelete(id: "${serviceId}") }`);
  const again = `mutation { serviceCreate(input: { projectId: "${projectId}", name: "agent" }) { name } }`;
  expect((await ask(again)).data).toEqual({ serviceCreate: { name: "agent" } });
});

test("names, limits and single variables can be changed", async () => {
  const at = await make.service();
  const { projectId, environmentId, serviceId } = at;
  fake.controls.advance(10);
  const { errors } = await ask(
    `mutation($limits: ServiceInstanceLimitsUpdateInput!, $one: VariableUpsertInput!, $gone: VariableDeleteInput!) {
      serviceUpdate(id: "${serviceId}", input: { name: "renamed" }) { name }
      serviceInstanceLimitsUpdate(input: $limits)
      variableUpsert(input: $one)
      variableDelete(input: $gone)
    }`,
    {
      limits: { serviceId, environmentId, memoryGB: 0.5, vCPUs: 1 },
      one: { ...at, name: "A", value: "1" },
      gone: { projectId, environmentId, serviceId, name: "A" },
    },
  );
  expect(errors).toBeUndefined();
  const { data } = await ask<Record<string, unknown>>(
    `query($environmentId: String!, $serviceId: String!, $projectId: String!) {
      service(id: $serviceId) { name }
      serviceInstanceLimits(environmentId: $environmentId, serviceId: $serviceId)
      variables(projectId: $projectId, environmentId: $environmentId, serviceId: $serviceId)
    }`,
    at,
  );
  expect(data["service"]).toEqual({ name: "renamed" });
  expect(data["serviceInstanceLimits"]).toEqual({ containers: { cpu: 1, memoryBytes: 500_000_000 } });
  expect(data["variables"]).not.toHaveProperty("A");
});

test("what was deleted is gone, and deleting it again is refused", async () => {
  const { projectId, environmentId, serviceId } = await make.service();
  const made = await ask<Record<string, { id: string }>>(`mutation {
    serviceDomainCreate(input: { serviceId: "${serviceId}", environmentId: "${environmentId}" }) { id }
    volumeCreate(input: { projectId: "${projectId}", environmentId: "${environmentId}", mountPath: "/data" }) { id }
  }`);
  await ask("mutation($input: ProjectTokenCreateInput!) { projectTokenCreate(input: $input) }", {
    input: { projectId, environmentId, name: "t" },
  });
  fake.controls.advance(10);
  const tokens = await ask<{ projectTokens: { edges: { node: { id: string } }[] } }>(
    `{ projectTokens(projectId: "${projectId}") { edges { node { id } } } }`,
  );
  for (const deletion of [
    `serviceDomainDelete(id: "${made.data["serviceDomainCreate"]?.id}")`,
    `volumeDelete(volumeId: "${made.data["volumeCreate"]?.id}")`,
    `projectTokenDelete(id: "${tokens.data.projectTokens.edges[0]?.node.id}")`,
    `serviceDelete(id: "${serviceId}")`,
    `environmentDelete(id: "${environmentId}")`,
    `projectDelete(id: "${projectId}")`,
  ]) {
    expect(await messageOf(ask(`mutation { ${deletion} }`))).toBeUndefined();
    const again = await messageOf(ask(`mutation { ${deletion} }`));
    expect(["Not Authorized", "Problem processing request"]).toContain(again!);
  }
});
