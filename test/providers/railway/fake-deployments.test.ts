import { afterEach, beforeEach, expect, test } from "bun:test";
import { type FakeRailway, startFakeRailway } from "../../fakes/railway/start-fake-railway.ts";
import { type Ask, askerOf, makerOf, messageOf } from "./ask.ts";

let fake: FakeRailway;
let ask: Ask;
let make: ReturnType<typeof makerOf>;
beforeEach(async () => {
  // Railway's second takes 1,000: its time passes only as a test says.
  fake = await startFakeRailway({
    scale: 1 / 1000,
    lagSeconds: [0, 0],
    deploySeconds: [100, 100],
    plan: { perSecond: 1000 },
    serveAgents: true,
  });
  ask = askerOf(fake);
  make = makerOf(fake);
});
afterEach(() => fake.close());

const source = (image: string) => ({ source: { image } });
const statusOf = async (id: string) =>
  (await ask<{ deployment: { status: string } }>(`{ deployment(id: "${id}") { status } }`)).data.deployment
    .status;
const act = (mutation: string, id: string) => ask(`mutation { ${mutation}(id: "${id}") }`);
const statuses = (projectId: string) =>
  fake.controls.deploymentsOf(projectId).map(({ cause, status }) => [cause, status]);

/** A service with a deployment that has succeeded. */
async function running(settings: Record<string, unknown> = source("agent:1")) {
  const place = await make.service(settings);
  const id = await make.deploy(place);
  fake.controls.advance(100);
  return { ...place, id };
}

/** Every status that is seen from now on, one Railway second apart. */
async function seen(id: string, seconds: number): Promise<string[]> {
  const found: string[] = [];
  for (let second = 0; second <= seconds; second += 1) {
    const status = await statusOf(id);
    if (found.at(-1) !== status) found.push(status);
    fake.controls.advance(1);
  }
  return found;
}

test("an image is deployed without being built, a repository is built first", async () => {
  const image = await make.deploy(await make.service(source("agent:1")));
  expect(await seen(image, 100)).toEqual(["QUEUED", "INITIALIZING", "DEPLOYING", "SUCCESS"]);
  const repo = await make.deploy(await make.service({ source: { repo: "us/agent" } }));
  expect(await seen(repo, 100)).toEqual(["QUEUED", "INITIALIZING", "BUILDING", "DEPLOYING", "SUCCESS"]);
});

test("a service without a source cannot be deployed", async () => {
  const place = await make.service();
  await expect(make.deploy(place)).rejects.toThrow("Problem processing request");
});

test("a deployment takes the place of the one before only once it has succeeded", async () => {
  const { projectId, id, ...place } = await running({ ...source("agent:1"), drainingSeconds: 20 });
  await make.configure(place, source("agent:2"));
  const next = await make.deploy(place);
  fake.controls.advance(99);
  expect([await statusOf(id), await statusOf(next)]).toEqual(["SUCCESS", "DEPLOYING"]);
  fake.controls.advance(1);
  expect([await statusOf(id), await statusOf(next)]).toEqual(["REMOVING", "SUCCESS"]);
  fake.controls.advance(20);
  expect(statuses(projectId)).toEqual([
    ["deployV2", "REMOVED"],
    ["deployV2", "SUCCESS"],
  ]);
});

test.each(["agent:bad", "agent:unhealthy"])(
  "after %s has failed the one before still serves",
  async (image) => {
    const { id, ...place } = await running({ ...source("agent:1"), healthcheckPath: "/health" });
    await make.configure(place, source(image));
    const failing = await make.deploy(place);
    expect((await seen(failing, 360)).at(-1)).toBe("FAILED");
    expect(await statusOf(id)).toBe("SUCCESS");
    const { data } = await ask<{ serviceInstance: unknown }>(
      `{ serviceInstance(serviceId: "${place.serviceId}", environmentId: "${place.environmentId}") {
      activeDeployments { id } latestDeployment { id }
    } }`,
    );
    expect(data.serviceInstance).toEqual({ activeDeployments: [{ id }], latestDeployment: { id: failing } });
    await make.configure(place, source("agent:2"));
    await make.deploy(place);
    fake.controls.advance(100);
    expect([await statusOf(id), await statusOf(failing)]).toEqual(["REMOVED", "FAILED"]);
  },
);

test("without a health check what is unhealthy goes live", async () => {
  const { id } = await running(source("agent:unhealthy"));
  expect(await statusOf(id)).toBe("SUCCESS");
});

test("a digest says nothing about how an image behaves", async () => {
  const { id } = await running(source(`agent@sha256:${"bad".repeat(20)}`));
  expect(await statusOf(id)).toBe("SUCCESS");
});

test("what crashes has succeeded before, and a restart brings it back", async () => {
  const { id, serviceId } = await running();
  fake.controls.crash(serviceId);
  expect(await statusOf(id)).toBe("CRASHED");
  await act("deploymentRestart", id);
  fake.controls.advance(3);
  expect(await statusOf(id)).toBe("SUCCESS");
  const crashing = await make.deploy(await make.service(source("agent:crash")));
  expect((await seen(crashing, 121)).slice(-2)).toEqual(["SUCCESS", "CRASHED"]);
});

test("what needs approval waits for it", async () => {
  const id = await make.deploy(await make.service(source("agent:approval")));
  fake.controls.advance(3600);
  expect(await statusOf(id)).toBe("NEEDS_APPROVAL");
  await act("deploymentApprove", id);
  expect((await seen(id, 100)).at(-1)).toBe("SUCCESS");
});

test("a slow image takes three times as long", async () => {
  const id = await make.deploy(await make.service(source("agent:slow")));
  fake.controls.advance(299);
  expect(await statusOf(id)).toBe("DEPLOYING");
  fake.controls.advance(1);
  expect(await statusOf(id)).toBe("SUCCESS");
});

test("what may sleep does when nobody asks, and a request wakes it", async () => {
  const { id, serviceId } = await running({ ...source("agent:1"), sleepApplication: true });
  fake.controls.advance(600);
  expect(await statusOf(id)).toBe("SLEEPING");
  await fetch(`${fake.controls.agentUrl(serviceId)}/health`);
  expect(await statusOf(id)).toBe("SUCCESS");
});

test("changed variables deploy what has a source, unless they are told not to", async () => {
  const { projectId, environmentId, serviceId } = await running();
  const upsert = (skipDeploys: boolean) =>
    ask("mutation($input: VariableCollectionUpsertInput!) { variableCollectionUpsert(input: $input) }", {
      input: { projectId, environmentId, serviceId, variables: { A: "1" }, skipDeploys },
    });
  await upsert(true);
  expect(statuses(projectId)).toHaveLength(1);
  await upsert(false);
  await ask("mutation($input: VariableUpsertInput!) { variableUpsert(input: $input) }", {
    input: { projectId, environmentId, name: "SHARED", value: "2" },
  });
  expect(fake.controls.deploymentsOf(projectId)).toMatchObject([
    { cause: "deployV2" },
    { cause: "variables", variables: { A: "1" } },
    { cause: "variables", variables: { A: "1", SHARED: "2" } },
  ]);
});

test("a rollback runs what ran before, with its variables, and needs one that went live and is gone", async () => {
  const { projectId, id, ...place } = await running();
  expect(await messageOf(act("deploymentRollback", id))).toBe("Problem processing request");
  await ask("mutation($input: VariableUpsertInput!) { variableUpsert(input: $input) }", {
    input: { projectId, ...place, name: "NEW", value: "1", skipDeploys: true },
  });
  await make.configure(place, source("agent:2"));
  await make.deploy(place);
  fake.controls.advance(100);
  const { data } = await ask<{ deployment: unknown }>(`{ deployment(id: "${id}") { canRollback status } }`);
  expect(data.deployment).toEqual({ canRollback: true, status: "REMOVED" });
  await act("deploymentRollback", id);
  fake.controls.advance(100);
  const [, , rolledBack] = fake.controls.deploymentsOf(projectId);
  expect(rolledBack).toMatchObject({ cause: "rollback", status: "SUCCESS", image: "agent:1" });
  expect(rolledBack?.variables).not.toHaveProperty("NEW");
});

test("nothing is deployed again while its first build runs", async () => {
  const place = await make.service(source("agent:1"));
  const id = await make.deploy(place);
  const again = () =>
    messageOf(
      ask(
        `mutation { serviceInstanceRedeploy(serviceId: "${place.serviceId}", environmentId: "${place.environmentId}") }`,
      ),
    );
  const early = "Cannot redeploy yet, please wait for the original deployment to finish building";
  expect(await again()).toBe(early);
  expect(await messageOf(ask(`mutation { deploymentRedeploy(id: "${id}") { id } }`))).toBe(early);
  fake.controls.advance(100);
  expect(await again()).toBeUndefined();
  expect(statuses(place.projectId)).toEqual([
    ["deployV2", "SUCCESS"],
    ["redeploy", "QUEUED"],
  ]);
});

test("a deployment that is cancelled takes nobody's place", async () => {
  const { id, ...place } = await running();
  const cancelled = await make.deploy(place);
  fake.controls.advance(50);
  await act("deploymentCancel", cancelled);
  fake.controls.advance(100);
  expect([await statusOf(id), await statusOf(cancelled)]).toEqual(["SUCCESS", "REMOVED"]);
});

test("a deployment can be cancelled before it has succeeded, and stopped or removed after", async () => {
  const place = await make.service(source("agent:1"));
  const cancelled = await make.deploy(place);
  expect(await messageOf(act("deploymentStop", cancelled))).toBe("Problem processing request");
  await act("deploymentCancel", cancelled);
  fake.controls.advance(100);
  expect(await statusOf(cancelled)).toBe("REMOVED");
  const stopped = await make.deploy(place);
  fake.controls.advance(100);
  expect(await messageOf(act("deploymentCancel", stopped))).toBe("Problem processing request");
  await act("deploymentStop", stopped);
  const { data } = await ask<{ deployment: unknown }>(
    `{ deployment(id: "${stopped}") { status deploymentStopped instances { status } } }`,
  );
  expect(data.deployment).toEqual({
    status: "SUCCESS",
    deploymentStopped: true,
    instances: [{ status: "STOPPED" }],
  });
  expect((await fetch(`${fake.controls.agentUrl(place.serviceId)}/health`)).status).toBe(404);
  await act("deploymentRemove", stopped);
  expect(await statusOf(stopped)).toBe("REMOVED");
  expect(await messageOf(act("deploymentRemove", stopped))).toBe("Problem processing request");
});

test("deleting a project ends what runs in it", async () => {
  const { projectId, serviceId } = await running();
  const health = async () => (await fetch(`${fake.controls.agentUrl(serviceId)}/health`)).status;
  expect(await health()).toBe(200);
  await act("projectDelete", projectId);
  expect(statuses(projectId)).toEqual([["deployV2", "REMOVED"]]);
  expect(await health()).toBe(404);
});

test("a server stands behind a domain, ready only while a deployment serves", async () => {
  const place = await make.service(source("agent:1"));
  const { data } = await ask<{ serviceDomainCreate: { domain: string } }>(
    "mutation($input: ServiceDomainCreateInput!) { serviceDomainCreate(input: $input) { domain } }",
    { input: { serviceId: place.serviceId, environmentId: place.environmentId, targetPort: 8080 } },
  );
  const health = async () => {
    const res = await fetch(`http://${data.serviceDomainCreate.domain}/health`);
    return [res.status, ((await res.json()) as { status: string }).status];
  };
  expect(await health()).toEqual([404, "error"]);
  await make.deploy(place);
  expect(await health()).toEqual([404, "error"]);
  fake.controls.advance(100);
  expect(await health()).toEqual([200, "ready"]);
  fake.controls.crash(place.serviceId);
  expect(await health()).toEqual([502, "error"]);
});

test("deployments are listed newest first and by status", async () => {
  const { projectId, id, ...place } = await running();
  const next = await make.deploy(place);
  const list = async (status: object) =>
    (
      await ask<{ deployments: { edges: { node: { id: string } }[] } }>(
        "query($input: DeploymentListInput!) { deployments(input: $input, first: 10) { edges { node { id } } } }",
        { input: { projectId, ...place, status } },
      )
    ).data.deployments.edges.map(({ node }) => node.id);
  expect(await list({})).toEqual([next, id]);
  expect(await list({ in: ["SUCCESS"] })).toEqual([id]);
  expect(await list({ notIn: ["SUCCESS"] })).toEqual([next]);
});

test("usage is what processes served, in minutes, and ends with them", async () => {
  const { projectId, id } = await running();
  const memory = async () =>
    (
      await ask<{ usage: { value: number }[] }>(
        `{ usage(projectId: "${projectId}", measurements: [MEMORY_USAGE_GB]) { value } }`,
      )
    ).data.usage[0]!.value;
  fake.controls.advance(6000);
  expect(await memory()).toBeCloseTo(12, 0);
  await act("deploymentRemove", id);
  const before = await memory();
  fake.controls.advance(6000);
  expect(await memory()).toBe(before);
});
