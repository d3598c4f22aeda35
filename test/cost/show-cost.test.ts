import { afterAll, beforeAll, expect, test } from "bun:test";
import { collectUsage } from "../../src/cost/collect-usage.ts";
import { unavailable } from "../../src/errors.ts";
import type { Host } from "../../src/providers/hosts/host.ts";
import { type Edge, testEdge } from "../http/edge.ts";

let edge: Edge;
beforeAll(async () => void (edge = await testEdge()));
afterAll(() => edge.close());

/** A host of which only the meter is asked. */
function meter(usage: NonNullable<Host["usage"]>): Host {
  const never = () => Promise.reject(new Error("not asked for"));
  return {
    name: "railway",
    ensureProject: never,
    ensureService: never,
    setVariables: never,
    drift: never,
    deploy: never,
    health: never,
    stop: never,
    destroy: never,
    inspect: never,
    listOwned: never,
    usage,
  };
}

const used = { vcpuMinutes: 43_200, memoryGbMinutes: 43_200, egressGb: 2, diskGbMinutes: 0 };

test("what a host metered is kept once per day, however often it is asked, and a failure keeps nobody from the others", async () => {
  const [good, bad] = [await edge.addDepartment(), await edge.addDepartment()];
  await edge.sql`update federation.department set host = 'railway' where id in (${good.id}, ${bad.id})`;
  const host = meter((id) =>
    id === bad.id ? Promise.reject(unavailable("railway", "is away")) : Promise.resolve(used),
  );
  const failures: string[] = [];
  for (let time = 0; time < 2; time++)
    expect(await collectUsage(edge.deps.db.app, host, (_error, id) => failures.push(id))).toEqual({
      kept: 2,
      failed: 2,
    });
  expect(new Set(failures)).toEqual(new Set([bad.id]));
  const rows = await edge.sql`select department_id, vcpu_minutes from federation.host_usage`;
  expect([...rows]).toEqual(Array(2).fill({ department_id: good.id, vcpu_minutes: 43_200 }));
});

test("a department's cost shows its lines, and the metered hosting at the book's prices", async () => {
  const department = await edge.addDepartment();
  await edge.sql`update federation.department set host = 'railway' where id = ${department.id}`;
  await edge.sql`
    insert into federation.host_usage (department_id, host, day, vcpu_minutes, memory_gb_minutes, egress_gb, disk_gb_minutes)
    values (${department.id}, 'railway', (now() at time zone 'UTC')::date, 43200, 43200, 2, 0)`;
  const { json } = await edge.call("GET", `/api/v1/departments/${department.slug}/cost`, {
    key: department.key,
  });
  expect(json.actual).toMatchObject({ days: 1, hosting_micro_usd: 30_100_000 });
  expect(json.estimate).toMatchObject({ host: "railway", month_micro_usd: 12_600_000 });
});

test("the installation's cost is the sum of its departments', and only the platform sees it", async () => {
  const { json } = await edge.call("GET", "/api/v1/cost", { key: edge.adminKey });
  const sum = json.departments.reduce(
    (total: number, one: { estimate: { month_micro_usd: number } }) => total + one.estimate.month_micro_usd,
    0,
  );
  expect([json.month_micro_usd, json.departments.length > 0]).toEqual([sum, true]);
  expect((await edge.call("GET", "/api/v1/cost", { key: (await edge.addDepartment()).key })).status).toBe(
    403,
  );
});
