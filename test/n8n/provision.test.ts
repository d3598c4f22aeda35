import { afterAll, beforeAll, expect, test } from "bun:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { probeWebhook } from "../../src/providers/n8n/probe-webhook.ts";
import { hookHeader } from "../../src/workflows/credential-data.ts";
import { ensureWorkflows } from "../../src/workflows/ensure-workflows.ts";
import { n8nOf } from "../../src/workflows/n8n-of.ts";
import { removeDepartmentWorkflows } from "../../src/workflows/remove-workflows.ts";
import { workflowKeys } from "../../src/workflows/workflow-keys.ts";
import type { TestRun } from "../crash/department.ts";
import { expectNothing, expectOneOfEach, findOwn, secretsOf } from "../workflows/expect-workflows.ts";
import { lookForDrift } from "../helpers/look-for-drift.ts";
import { type ProvisionWorld, provisionWorld } from "./provision-world.ts";

const hostileName = `={{ $env.N8N_ENCRYPTION_KEY }} {{ $json }} "'\\ </script> {{constructor}} __proto__ 😀`;
const tools = ["agent_context", "calendar"];
const otherTools = ["database"];

let world: ProvisionWorld;
let run: TestRun;
let other: TestRun;
beforeAll(async () => {
  world = await provisionWorld();
  run = await world.provision(tools, hostileName);
  other = await world.provision(otherTools);
}, 180_000);
afterAll(() => world.close(), 120_000);

const signal = () => AbortSignal.timeout(30_000);

async function ensure({ department }: TestRun, patienceMs?: number) {
  return world.asStep(department, async (ctx) => {
    const n8n = await n8nOf(ctx);
    if (!n8n) throw new Error("n8n is not configured");
    return ensureWorkflows(ctx, n8n, patienceMs === undefined ? {} : { patienceMs });
  });
}

const drift = ({ slug }: TestRun) => lookForDrift(world.at, slug);
const secretsOfRun = ({ department }: TestRun) => secretsOf(world.at, { id: department });

async function connect(to: TestRun, token: string): Promise<Client> {
  const { pathPrefix } = await secretsOfRun(to);
  const url = new URL(`${world.baseUrl}/mcp/${pathPrefix}/mcp`);
  const client = new Client({ name: "test", version: "1" });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }) as never);
  return client;
}

test("two departments have one of everything each, and nothing drifts", async () => {
  for (const [one, its] of [
    [run, tools],
    [other, otherTools],
  ] as const) {
    const department = await world.department(one.department);
    await expectOneOfEach(world.client, world.at, department, its);
    expect(await drift(one)).toMatchObject({ in_sync: true, leftovers: [], foreign: [] });
  }
});

test("every webhook answers as itself to who knows the department's token, and to nobody else", async () => {
  const { pathPrefix, hookToken } = await secretsOfRun(run);
  const theirs = await secretsOfRun(other);
  for (const key of workflowKeys(tools).filter((one) => one !== "mcp")) {
    const url = `${world.baseUrl}/webhook/${pathPrefix}/${key}`;
    const probe = (value: string) =>
      probeWebhook({ url, header: { name: hookHeader, value }, signal: signal() });
    expect(await probe(hookToken)).toEqual({
      kind: "ours",
      department: run.department,
      template: key,
      version: expect.any(Number),
    });
    expect([key, (await probe(theirs.hookToken)).kind]).toEqual([key, "refused"]);
  }
});

test("a tool called over MCP works on the department's own data, with its own key", async () => {
  const { mcpToken } = await secretsOfRun(run);
  const client = await connect(run, mcpToken);
  const { tools: listed } = await client.listTools();
  const names = listed.map(({ name }) => name);
  expect(names).toContain("list_calendar_events");
  expect(names).not.toContain("search_records");
  const fact = { category: "customer", content: `Prefers tea ${run.department}`, importance: 7 };
  await client.callTool({ name: "remember_fact", arguments: fact });
  const found = await client.callTool({ name: "search_memory", arguments: { query: "tea" } });
  expect(JSON.stringify(found)).toContain(fact.content);
  await client.close();
});

test("who presents another department's token, or none that exists, does not get in over MCP", async () => {
  await expect(connect(run, (await secretsOfRun(other)).mcpToken)).rejects.toThrow();
  await expect(connect(run, "wrong")).rejects.toThrow();
});

test("the name of a department is text in n8n, whatever it is", async () => {
  const { workflows } = await findOwn(world.client, await world.department(run.department));
  const texts = workflows.flatMap(({ nodes }) => nodes.flatMap(({ parameters }) => leaves(parameters)));
  const named = texts.filter((text) => text.includes("$env.N8N_ENCRYPTION_KEY"));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((text) => text.startsWith("="))).toEqual([]);
});

test("an edit by hand is in the stored report after one look, and the step undoes it", async () => {
  const { workflows } = await findOwn(world.client, await world.department(run.department));
  const calendar = workflows.find(({ name }) => name.endsWith("/calendar"));
  if (!calendar) throw new Error("there is no calendar");
  const nodes = calendar.nodes.map((node) => ({
    ...node,
    position: [node.position[0] + 7, 3] as [number, number],
  }));
  await world.client.updateWorkflow(calendar.id, { ...calendar, nodes }, signal());
  const before = await drift(run);
  expect(before).toMatchObject({ in_sync: false });
  expect(JSON.stringify(before["workflows"])).toContain("changed");
  await ensure(run);
  expect(await drift(run)).toMatchObject({ in_sync: true });
});

test("a path that somebody else has is a conflict, and a path that is free again is taken", async () => {
  const { pathPrefix } = await secretsOfRun(other);
  await world.asStep(other.department, removeDepartmentWorkflows);
  const webhook = {
    id: crypto.randomUUID(),
    name: "Webhook",
    type: "n8n-nodes-base.webhook",
    typeVersion: 2,
    position: [0, 0] as [number, number],
    parameters: { httpMethod: "POST", path: `${pathPrefix}/database` },
  };
  const { suffix } = await world.department(other.department);
  // Bears the name of the department, but a longer one: cleaned up with it, and not taken for it.
  const name = `workflows-test/${suffix}/squatter`;
  const definition = { name, nodes: [webhook], connections: {}, settings: {} };
  const { id } = await world.client.createWorkflow(definition, signal());
  await world.client.publishWorkflow(id, signal());
  const url = `${world.baseUrl}/webhook/${pathPrefix}/database`;
  while ((await fetch(url, { method: "POST" })).status === 404) await Bun.sleep(100);
  await expect(ensure(other, 3000)).rejects.toMatchObject({ code: "n8n_path_conflict", retryable: false });
  expect(JSON.stringify(await drift(other))).toContain("path_taken");
  await world.client.deleteWorkflow(id, signal());
  await ensure(other);
  expect(await drift(other)).toMatchObject({ in_sync: true });
}, 120_000);

test("a lockdown and an unlock leave one of everything, with other secrets on other paths", async () => {
  const old = await secretsOfRun(other);
  const { slug, department } = other;
  await world.lockAndUnlock(slug);
  const next = await secretsOfRun(other);
  for (const name of ["key", "hookToken", "mcpToken", "pathPrefix"] as const)
    expect(next[name]).not.toBe(old[name]);
  await expectOneOfEach(world.client, world.at, await world.department(department), otherTools);
  expect(await drift(other)).toMatchObject({ in_sync: true });
  await expect(connect(other, old.mcpToken)).rejects.toThrow();
  await (await connect(other, next.mcpToken)).close();
}, 120_000);

test("a deprovisioned department is gone from n8n, and the other one as it was", async () => {
  const gone = await world.department(run.department);
  await world.deprovision(run.slug);
  await expectNothing(world.client, world.at, gone);
  const kept = await world.department(other.department);
  await expectOneOfEach(world.client, world.at, kept, otherTools);
  expect(await drift(other)).toMatchObject({ in_sync: true });
}, 120_000);

function leaves(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [];
}
