// What is asked of n8n before anything is made, and after everything is gone.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { absenceSweep } from "../../jobs/steps/absence-sweep.ts";
import { preflight } from "../../jobs/steps/preflight.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { planDepartment } from "../../src/departments/plan.ts";
import { provisionRequest } from "../../src/config-schema/department.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import type { N8nClient } from "../../src/providers/n8n/n8n.ts";
import { findOwn } from "./expect-workflows.ts";
import { type Department, type WorkflowsWorld, workflowsWorld } from "./world.ts";

let world: WorkflowsWorld;
let department: Department;
let wrongKey: N8nClient;
beforeAll(async () => {
  world = await workflowsWorld();
  wrongKey = createN8nClient({ baseUrl: world.n8n.baseUrl, apiKey: new Secret("wrong") });
});
beforeEach(async () => void (department = await world.addDepartment()));
afterAll(() => world.close());

const request = provisionRequest.parse({
  department_id: "planned",
  department_name: "Planned",
  enabled_tools: ["calendar"],
  admin_email: "a@example.org",
});

async function plan(n8n: N8nClient | undefined = world.client) {
  const { edge } = world;
  const caller = { kind: "member", id: edge.adminId, role: "admin", departmentId: undefined } as const;
  const ctx = { ...edge.deps, n8n, caller: { ...caller, scopes: new Set<string>() } };
  return planDepartment({ ...ctx, requestId: Bun.randomUUIDv7(), idempotency: undefined }, request);
}

test("a plan names the workflows and credentials that would be made, and makes none", async () => {
  const before = world.n8n.calls.length;
  const { resources, skipped, possible } = await plan();
  const names = resources
    .filter(({ provider }) => provider === "n8n")
    .map(({ kind, name }) => `${kind} ${name}`);
  expect(names).toEqual([
    ...["api", "hook", "mcp"].map((key) => `credential fed/development/<generated>/${key}`),
    ...["calendar", "session-summary", "callback", "mcp"].map(
      (key) => `workflow fed/development/<generated>/${key}`,
    ),
  ]);
  expect([possible, skipped.map(({ step }) => step)]).toEqual([true, ["oauth-client"]]);
  expect(world.writes(before)).toEqual([]);
});

test("a plan says when n8n does not take the key, and that nothing would come of it", async () => {
  const { checks, possible } = await plan(wrongKey);
  expect(possible).toBe(false);
  expect(checks.find(({ name }) => name === "n8n")).toMatchObject({
    ok: false,
    detail: expect.stringContaining("N8N_API_KEY"),
  });
});

test("preflight refuses before anything is made: a wrong key for good, a silent n8n for now", async () => {
  const host = { name: "local" } as never;
  const run = async (n8n: N8nClient) => {
    const ctx = await world.hold(department, "preflight", { n8n });
    return preflight.run({ ...ctx, deps: { ...ctx.deps, hosts: new Map([["local", host]]) } });
  };
  await world.at
    .sql`insert into federation.resource (id, department_id, provider, kind, external_id, name, created_by_step)
    values (${Bun.randomUUIDv7()}, ${department.id}, 'postgres', 'schema', 'x', 'x', 'test')`;
  await expect(run(wrongKey)).rejects.toMatchObject({ code: "n8n_unauthorized", retryable: false });
  world.n8n.fail(1, { kind: "status", status: 503 });
  await expect(run(world.client)).rejects.toMatchObject({ code: "n8n_unreachable", retryable: true });
  expect(await run(world.client)).toMatchObject({ kind: "done" });
});

test("the sweep lists what it finds in n8n as orphaned, recorded or not", async () => {
  await world.ensure(department);
  const { workflows, credentials } = await findOwn(world.client, department);
  await world.at
    .sql`delete from federation.resource where department_id = ${department.id} and kind = 'credential'`;
  const ctx = await world.hold(department, "absence-sweep");
  const host = { name: "local", inspect: () => Promise.resolve([]) } as never;
  const swept = absenceSweep.run({ ...ctx, deps: { ...ctx.deps, hosts: new Map([["local", host]]) } });
  await expect(swept).rejects.toMatchObject({ code: "still_present" });
  const [row] = await world.at.sql`
    select orphan_reason from federation.resource
    where department_id = ${department.id} and provider = 'n8n' and orphaned_at is not null limit 1`;
  for (const { id } of workflows) expect(row?.["orphan_reason"]).toContain(`n8n workflow ${id}`);
  for (const { id } of credentials) expect(row?.["orphan_reason"]).toContain(`n8n credential ${id}`);
});
