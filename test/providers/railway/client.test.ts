import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import type { RailwayClient } from "../../../src/providers/railway/railway.ts";
import { callOf, errorOf, fastPace, kindOf, type RailwayWorld, railwayWorld } from "./railway-world.ts";

let world: RailwayWorld;
let one: { id: string; name: string; token: string };
let two: typeof one;
beforeAll(async () => {
  world = await railwayWorld({ workspaces: [{ name: "one" }, { name: "two" }] });
  [one, two] = world.fake.controls.workspaces as [typeof one, typeof one];
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.sql`delete from federation.call_budget`;
});

const requests = (operation: string) => world.fake.controls.counts.requests[operation] ?? 0;
const projectOf = (workspaceId: string, name: string) => ({
  workspaceId,
  name,
  description: "mark",
  environmentName: "staging",
});

/** A client, and the variables of everything it sends. */
function overheard(answer: unknown) {
  const sent: Record<string, unknown>[] = [];
  const send = (url: string, { body }: RequestInit) => {
    if (typeof body !== "string") throw new Error("no body");
    const { operationName, variables } = JSON.parse(body);
    sent.push({ operationName, variables, query: new URL(url).search });
    return Promise.resolve(Response.json({ data: { [operationName]: answer } }));
  };
  return { client: world.connect({ send }), sent };
}

describe("a list of projects", () => {
  test("has all of a workspace, however many pages they fill, and none that is deleted", async () => {
    const { controls } = world.fake;
    const made = Array.from({ length: 230 }, (_, n) => controls.addForeignProject(`foreign ${n}`, one.id));
    controls.addForeignProject("elsewhere", two.id);
    const client = world.connect();
    await client.deleteProject(made[7]!.id, "now", callOf());
    await client.deleteProject(made[8]!.id, "scheduled", callOf());
    controls.settings.listsDeleted = true;
    const before = requests("projects");
    const listed = await client.listProjects(one.id, callOf());
    controls.settings.listsDeleted = false;
    expect(listed.map(({ id }) => id).toSorted()).toEqual(
      made
        .filter((_, n) => n !== 7 && n !== 8)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(requests("projects") - before).toBe(3);
    for (const { id } of [made[7]!, made[8]!]) expect(await client.findProject(id, callOf())).toBeUndefined();
  });

  test("that does not end is no list", async () => {
    const page = { edges: [], pageInfo: { hasNextPage: true } };
    expect(await kindOf(overheard(page).client.listProjects(one.id, callOf()))).toBe("unavailable");
  });
});

describe("what is not given is not sent, since null would unset it:", () => {
  const at = { projectId: "p", environmentId: "e", serviceId: "s" };

  test("an instance's patch has what is patched", async () => {
    const { client, sent } = overheard(true);
    await client.updateServiceInstance(at, { healthcheckPath: "/health" }, callOf());
    await client.updateServiceInstance(at, { source: { image: "agent:1" }, numReplicas: 2 }, callOf());
    const place = { serviceId: "s", environmentId: "e" };
    expect(sent.map(({ variables }) => variables)).toEqual([
      { ...place, input: { healthcheckPath: "/health" } },
      { ...place, input: { source: { image: "agent:1" }, numReplicas: 2 } },
    ]);
  });

  test("variables replace all there are, and nothing is deployed by it", async () => {
    const { client, sent } = overheard(true);
    await client.setVariables(at, { A: "1" }, callOf());
    const input = { ...at, variables: { A: "1" }, replace: true, skipDeploys: true };
    expect(sent[0]?.["variables"]).toEqual({ input });
  });

  test("the first page has no cursor", async () => {
    const { client, sent } = overheard({ edges: [], pageInfo: { hasNextPage: false } });
    await client.listProjects("w", callOf());
    expect(sent[0]?.["variables"]).toEqual({ workspaceId: "w", first: 100 });
  });
});

test("every request has a query string, without which Railway's edge takes ten a second", async () => {
  const { client, sent } = overheard({ workspaces: [{ id: "w", name: "w" }] });
  await client.listWorkspaces(callOf());
  expect(sent[0]?.["query"]).toBe("?source=federation");
  await Promise.all(Array.from({ length: 30 }, () => world.connect().listWorkspaces(callOf())));
  expect(world.fake.controls.counts.throttled.edge).toBe(0);
});

describe("what Railway leaves out or adds is no reason to fail:", () => {
  test("an instance without a source, a deployment without flags", async () => {
    const bare = { source: null, healthcheckPath: null, numReplicas: null, region: null };
    const at = { projectId: "p", environmentId: "e", serviceId: "s" };
    const instance = await overheard(bare).client.findServiceInstance(at, callOf());
    expect(instance).toEqual({ image: null, healthcheckPath: null, numReplicas: null, region: null });
    const deployment = { id: "d", status: "QUEUED", createdAt: "2026-11-01T00:00:00.000Z", more: 1 };
    const found = await overheard(deployment).client.findDeployment("d", callOf());
    expect(found).toMatchObject({ id: "d", isStopped: false, canRollback: false });
  });

  test("deployments come newest first, in whatever order they are told", async () => {
    const node = (id: string, day: number) => ({
      node: { id, status: "SUCCESS", createdAt: `2026-11-0${day}T00:00:00.000Z` },
    });
    const { client } = overheard({ edges: [node("a", 1), node("c", 3), node("b", 2)] });
    const at = { projectId: "p", environmentId: "e", serviceId: "s" };
    expect((await client.listDeployments(at, 5, callOf())).map(({ id }) => id)).toEqual(["c", "b", "a"]);
  });

  test("addresses that are being removed are none", async () => {
    const domain = (id: string, more: object) => ({ id, domain: `${id}.example`, targetPort: 80, ...more });
    const serviceDomains = [
      domain("a", { syncStatus: "ACTIVE", deletedAt: null }),
      domain("b", { syncStatus: "DELETING" }),
      domain("c", { syncStatus: "ACTIVE", deletedAt: "2026-11-01T00:00:00.000Z" }),
    ];
    const at = { projectId: "p", environmentId: "e", serviceId: "s" };
    const listed = await overheard({ serviceDomains }).client.listDomains(at, callOf());
    expect(listed).toEqual([{ id: "a", domain: "a.example", targetPort: 80 }]);
  });

  test("usage is one figure a measurement", async () => {
    const row = (measurement: string, value: number) => ({ measurement, value });
    const rows = [row("CPU_USAGE", 1), row("CPU_USAGE", 2), row("NEW_ONE", 5), row("NETWORK_TX_GB", 0.5)];
    const { client, sent } = overheard(rows);
    const period = { from: new Date("2026-11-01"), to: new Date("2026-11-02") };
    expect(await client.readUsage("p", period, callOf())).toEqual([
      { measurement: "CPU_USAGE", value: 3 },
      { measurement: "NETWORK_TX_GB", value: 0.5 },
    ]);
    expect(sent[0]?.["variables"]).toMatchObject({ startDate: "2026-11-01T00:00:00.000Z" });
  });
});

describe("of several tokens", () => {
  const names = async (client: RailwayClient) =>
    (await client.listWorkspaces(callOf())).map(({ name }) => name).toSorted();

  test("the workspaces of all are told once, and only those configured if any are", async () => {
    const { accountToken } = world.fake.controls;
    const tokens = [one.token, two.token, accountToken];
    expect(await names(world.connect({ tokens }))).toEqual(["one", "two"]);
    expect(await names(world.connect({ tokens, workspaces: [two.id] }))).toEqual(["two"]);
  });

  test("a configured workspace that none reaches is named", async () => {
    const client = world.connect({ tokens: [one.token], workspaces: [one.id, two.id] });
    const error = await errorOf(client.listWorkspaces(callOf()));
    expect(error).toMatchObject({ kind: "refused", retryable: false });
    expect(error.message).toContain(two.id);
  });

  test("each call is made with the one that reaches its workspace", async () => {
    const client = world.connect({ tokens: [one.token, two.token] });
    const made = await client.createProject(projectOf(two.id, "of two"), callOf());
    const call = callOf("department", { workspaceId: two.id });
    expect((await client.findProject(made.id, call))?.name).toBe("of two");
    expect(await kindOf(client.listProjects(crypto.randomUUID(), callOf()))).toBe("refused");
  });

  test("what each reaches is asked once, however many calls need it at the same time", async () => {
    const before = requests("apiToken");
    const client = world.connect({ tokens: [one.token, two.token] });
    const calls = Array.from({ length: 10 }, (_, n) => client.listProjects(two.id, callOf(`holder ${n}`)));
    await Promise.all(calls);
    expect(requests("apiToken") - before).toBe(2);
  });

  test("one that is not accepted stops nothing in the others' workspaces, and no list is short for it", async () => {
    const client = world.connect({ tokens: ["revoked", one.token] });
    expect(await client.listProjects(one.id, callOf())).not.toEqual([]);
    expect(await kindOf(client.listWorkspaces(callOf()))).toBe("unauthorized");
    expect(await kindOf(client.listProjects(two.id, callOf()))).toBe("unauthorized");
  });

  test("a project token is told to be none of those that are needed", async () => {
    const [project] = world.fake.controls.projects();
    const token = world.fake.controls.projectToken(project?.baseEnvironmentId ?? "");
    const error = await errorOf(world.connect({ tokens: [token] }).listWorkspaces(callOf()));
    expect(error).toMatchObject({ kind: "unauthorized" });
    expect(error.message).toContain("account token or a workspace token");
  });

  test("a caller that gives up does not take the answer from those who wait with it", async () => {
    const client = world.connect({ tokens: [one.token, two.token], pace: fastPace() });
    const gone = new AbortController();
    const first = client.listWorkspaces(callOf("first", { signal: gone.signal }));
    const second = client.listWorkspaces(callOf("second"));
    gone.abort(new Error("gone"));
    expect((await errorOf(first)).message).toBe("gone");
    expect(await second).toHaveLength(2);
  });
});
