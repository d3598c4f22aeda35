import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Checks } from "../../src/health/check-department.ts";
import { claimChecks } from "../../src/health/claim-checks.ts";
import { healthPace } from "../../src/health/pace.ts";
import { storeCheck } from "../../src/health/store-check.ts";
import { systemContext } from "../../src/deps.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => void (edge = await testEdge()));
afterAll(() => edge.close());

const ok = { status: "ok", detail: "" } as const;
const well: Checks = { agent: ok, database: ok, workflows: ok, credentials: ok };
const unwell: Checks = { ...well, database: { status: "failed", detail: "The database does not answer." } };
const ask = (method: string, path: string, key = edge.adminKey) =>
  edge.call(method, `/api/v1${path}`, { key });

const claim = async ({ id }: TestDepartment) => {
  const claimed = (await claimChecks(edge.deps.db.app, 200, 30)).find((one) => one.id === id);
  if (!claimed) throw new Error("the department is not due");
  return claimed;
};
const store = (claimed: Awaited<ReturnType<typeof claim>>, checks: Checks) => {
  const ctx = systemContext({ ...edge.deps, close: () => Promise.resolve() }, "health");
  return storeCheck(ctx, { ...claimed, canRestart: true }, checks, healthPace(edge.deps.config));
};

test("a look that is asked for comes next, and one that began before it does not answer it", async () => {
  const department = await edge.addDepartment();
  const before = await claim(department);
  const { status, json } = await ask("POST", `/departments/${department.slug}/check`);
  expect(status).toBe(202);
  expect(await store(before, unwell)).toBe("overtaken");
  expect(await store(await claim(department), well)).toBe("stored");
  const known = (await ask("GET", `/departments/${department.slug}/health`)).json.known;
  expect(known).toMatchObject({ status: "healthy", failures: 0 });
  expect(Date.parse(known.checked_at)).toBeGreaterThanOrEqual(Date.parse(json.asked_at));
  const [event] = await edge.sql`
    select actor_kind from audit.event where stream = ${department.id} and action = 'department.health_check'`;
  expect(event).toEqual({ actor_kind: "member" });
});

test("only people of the platform ask for a look, and only of a department that is active", async () => {
  const [mine, suspended] = [await edge.addDepartment(), await edge.addDepartment()];
  expect((await ask("POST", `/departments/${mine.slug}/check`, mine.key)).status).toBe(403);
  await edge.sql`update federation.department set status = 'suspended' where id = ${suspended.id}`;
  const refused = await ask("POST", `/departments/${suspended.slug}/check`);
  expect([refused.status, refused.json.code]).toEqual([409, "not_active"]);
});

test("the history has every look once, newest first, page by page, and a department sees its own only", async () => {
  const [mine, other] = [await edge.addDepartment(), await edge.addDepartment()];
  for (const checks of [well, unwell, well]) {
    await ask("POST", `/departments/${mine.slug}/check`);
    await store(await claim(mine), checks);
  }
  const path = `/departments/${mine.slug}/health/history`;
  const all = (await ask("GET", path, mine.key)).json.items;
  expect(all.map(({ status }: { status: string }) => status)).toEqual(["healthy", "failing", "healthy"]);
  expect(all[1].checks.database).toEqual(unwell.database);
  const first = (await ask("GET", `${path}?limit=1`)).json.items;
  const rest = (await ask("GET", `${path}?before=${encodeURIComponent(first[0].at)}`)).json.items;
  expect([...first, ...rest]).toEqual(all);
  expect((await ask("GET", path, other.key)).status).toBe(404);
  expect((await ask("GET", `${path}?before=yesterday`)).status).toBe(422);
});

test("the fleet's health names what is not well, to people of the platform only", async () => {
  const [department, fresh] = [await edge.addDepartment(), await edge.addDepartment()];
  await store(await claim(department), unwell);
  const { json } = await ask("GET", "/health?limit=200");
  const row = ({ slug }: TestDepartment) =>
    json.items.find((one: { department_id: string }) => one.department_id === slug);
  expect(row(department)).toMatchObject({ status: "active", health: "failing", failed: ["database"] });
  expect(row(fresh)).toMatchObject({ health: "unknown", failed: [], checked_at: null });
  expect((await ask("GET", "/health", department.key)).status).toBe(403);
});
