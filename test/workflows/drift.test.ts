import { afterAll, beforeAll, expect, test } from "bun:test";
import { type DriftWorld, driftWorld } from "../drift/world.ts";
import { findOwn, secretsOf } from "./expect-workflows.ts";
import type { Department } from "./world.ts";

let world: DriftWorld;
beforeAll(async () => void (world = await driftWorld()));
afterAll(() => world.close());

const signal = () => AbortSignal.timeout(5000);

async function driftOf(department: Department) {
  expect(await world.check(department)).toBeDefined();
  return await world.report(department);
}

/** The problems of those workflows that have some. */
async function problemsOf(department: Department): Promise<Record<string, string[]>> {
  const { workflows } = await driftOf(department);
  const entries = (workflows as { key: string; problems: string[] }[])
    .filter(({ problems }) => problems.length > 0)
    .map(({ key, problems }) => [key, problems] as const);
  return Object.fromEntries(entries);
}

async function stored(department: Department, key: string) {
  const { workflows } = await findOwn(world.client, department);
  const found = workflows.find(({ name }) => name.endsWith(`/${key}`));
  const workflow = world.n8n.store.workflows.get(found?.id ?? "");
  if (!workflow) throw new Error(`there is no ${key}`);
  return workflow;
}

const made = (tools?: readonly string[]) => world.made(tools);

test("what was just made has not drifted, and to look writes nothing", async () => {
  const department = await made();
  const before = world.n8n.calls.length;
  expect(await driftOf(department)).toMatchObject({ in_sync: true, leftovers: [], foreign: [] });
  expect(world.writes(before)).toEqual([]);
});

test("an edit by hand is shown as what it changes, and the step undoes it", async () => {
  const department = await made();
  const calendar = await stored(department, "calendar");
  const edited = calendar.nodes.find(({ type }) => type === "n8n-nodes-base.httpRequest");
  if (!edited) throw new Error("the calendar calls nobody");
  const url = edited.parameters["url"];
  edited.parameters["url"] = "https://elsewhere.example/";
  const { in_sync: inSync, workflows } = await driftOf(department);
  expect(inSync).toBe(false);
  const [found] = workflows.filter((one: { problems: string[] }) => one.problems.length > 0);
  expect(found).toMatchObject({ key: "calendar", problems: ["changed"] });
  const path = `nodes.${edited.name}.parameters.url`;
  expect(found.changes).toEqual([{ path, change: "changed", from: url, to: "https://elsewhere.example/" }]);
  await world.ensure(department);
  expect(await driftOf(department)).toMatchObject({ in_sync: true });
});

test("a workflow that is gone, unpublished, archived or silent is told", async () => {
  const department = await made(["calendar", "email", "database"]);
  await world.client.deleteWorkflow((await stored(department, "email")).id, signal());
  await world.client.unpublishWorkflow((await stored(department, "database")).id, signal());
  const calendar = await stored(department, "calendar");
  for (const [key, one] of world.n8n.store.registered)
    if (one.workflowId === calendar.id) world.n8n.store.registered.delete(key);
  (await stored(department, "callback")).isArchived = true;
  const problems = await problemsOf(department);
  expect(problems).toMatchObject({
    email: ["missing", "not_answering"],
    database: ["unpublished", "not_answering"],
    calendar: ["not_answering"],
    callback: ["archived"],
  });
  await world.ensure(department);
  expect(await driftOf(department)).toMatchObject({ in_sync: true });
});

test("a credential changed by hand shows as a token that is refused, and the step puts it right", async () => {
  const department = await made();
  const { credentials } = world.n8n.store;
  const own = [...credentials.values()].filter(({ name }) => name.includes(`/${department.suffix}/`));
  for (const credential of own) {
    credential.data = Object.fromEntries(Object.keys(credential.data).map((key) => [key, "changed"]));
    if (credential.name.endsWith("/hook")) credential.data["name"] = "x-federation-token";
  }
  expect(await problemsOf(department)).toEqual({
    calendar: ["token_refused"],
    "session-summary": ["token_refused"],
    callback: ["token_refused"],
    mcp: ["token_refused"],
  });
  await world.ensure(department);
  expect(await driftOf(department)).toMatchObject({ in_sync: true });
  await world.expectMadeOnce(department);
});

test("a template that went on since is told as outdated", async () => {
  const department = await made();
  const calendar = await stored(department, "calendar");
  const nodes = structuredClone(calendar.nodes).map((node) => ({
    ...node,
    ...(node.notes && { notes: node.notes.replace(/v\d+$/, "v0") }),
  }));
  await world.client.updateWorkflow(calendar.id, { ...calendar, nodes }, signal());
  await Bun.sleep(50);
  const { workflows } = await driftOf(department);
  const found = workflows.find((one: { key: string }) => one.key === "calendar");
  expect(found).toMatchObject({ live_version: 0, problems: ["changed", "outdated"] });
  await world.ensure(department);
  expect(await driftOf(department)).toMatchObject({ in_sync: true });
});

test("twins, leftovers and somebody else on a path are told", async () => {
  const department = await made();
  const { pathPrefix } = await secretsOf(world.at, department);
  const calendar = await stored(department, "calendar");
  world.n8n.store.workflows.set("twin", {
    ...structuredClone(calendar),
    id: "twin",
    activeVersion: undefined,
  });
  const webhook = calendar.nodes.find(({ type }) => type === "n8n-nodes-base.webhook");
  if (!webhook) throw new Error("the calendar has no webhook");
  const parameters = { ...webhook.parameters, path: `/${pathPrefix}/mine/`, authentication: "none" };
  const { credentials: _, ...node } = webhook;
  const nodes = [{ ...node, parameters }];
  const { id } = await world.client.createWorkflow(
    { name: "other", nodes, connections: {}, settings: {} },
    signal(),
  );
  const drift = await driftOf(department);
  expect(drift).toMatchObject({ in_sync: false });
  expect(drift.leftovers).toEqual([{ kind: "workflow", id: "twin", name: calendar.name }]);
  expect(drift.foreign).toContainEqual({ id, name: "other", published: false, path: "mine" });
  await world.client.deleteWorkflow(id, signal());
});

test("no secret of the department is shown, whatever somebody wrote into a workflow", async () => {
  const department = await made();
  const secrets = await secretsOf(world.at, department);
  const calendar = await stored(department, "calendar");
  const [node] = calendar.nodes;
  if (!node) throw new Error("the calendar has no nodes");
  node.parameters = { ...node.parameters, stolen: [Object.values(secrets).join(" ")] };
  node.notes = secrets.key;
  const text = JSON.stringify(await driftOf(department));
  expect(text).toContain("stolen");
  for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
});

test("a department that never had workflows, or is gone, or an n8n that is down, are told apart", async () => {
  const { edge, n8n } = world;
  const never = await world.addDepartment();
  expect((await driftOf(never)).in_sync).toBe(false);
  expect(Object.values(await problemsOf(never))).toContainEqual(["missing", "not_answering"]);
  const gone = await world.addDepartment();
  await world.at.sql`update federation.department set status = 'deprovisioned', deprovisioned_at = now()
    where id = ${gone.id}`;
  const answer = await edge.call("GET", `/api/v1/departments/${gone.slug}/drift`, { key: edge.adminKey });
  expect(answer.json).toMatchObject({ status: 409, code: "deprovisioned" });
  n8n.fail(1, { kind: "status", status: 503 });
  const down = await driftOf(await world.addDepartment());
  expect(down).toMatchObject({ in_sync: null, workflows: [] });
  expect(down.unknown).toMatchObject([{ part: "workflows", code: "n8n_unavailable" }]);
});

test("only people of the platform may look", async () => {
  const department = await made();
  const path = `/api/v1/departments/${department.slug}/drift`;
  expect((await world.edge.call("GET", path, { key: department.key })).status).toBe(403);
});
