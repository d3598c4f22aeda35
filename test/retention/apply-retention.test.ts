import { afterAll, beforeAll, expect, test } from "bun:test";
import { systemContext } from "../../src/deps.ts";
import { applyRetention } from "../../src/retention/apply-retention.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

let edge: Edge;
beforeAll(async () => void (edge = await testEdge()));
afterAll(() => edge.close());

const ctx = () => systemContext({ ...edge.deps, close: () => Promise.resolve() }, "apply-retention");
const apply = (department: TestDepartment, options: Partial<Parameters<typeof applyRetention>[2]> = {}) =>
  applyRetention(ctx(), department.id, { dryRun: false, ...options });

/** A department that keeps conversations 30 and documents 60 days, with 3 old and 2 new of each kind. */
async function filled(retention: object | undefined = { conversations_days: 30, documents_days: 60 }) {
  const department = await edge.addDepartment();
  await edge.sql`
    update federation.department_config set document = document || ${edge.sql.json({ data_retention: retention } as never)}
    where department_id = ${department.id}`;
  const schema = department.schemaName;
  await edge.sql.unsafe(`
    create temporary table t as select gen_random_uuid() as id, n,
      clock_timestamp() - case when n <= 3 then interval '100 days' else interval '1 day' end as at
      from generate_series(1, 5) n;
    insert into ${schema}.session (id, room, participant, started_at) select id, 'r', 'p', at from t;
    insert into ${schema}.session (id, room, participant, started_at)
      values ('00000000-0000-0000-0000-000000000000', 'none', 'p', clock_timestamp() - interval '1 year');
    insert into ${schema}.message (id, session_id, role, text, created_at) select id, id, 'user', 'x', at from t;
    insert into ${schema}.tool_call (call_id, session_id, tool, status, created_at, finished_at)
      select id::text, id, 'email', 'COMPLETED', at, at from t;
    insert into ${schema}.document (id, source, external_id, name, updated_at) select id, 's', n::text, 'd', at from t;
    insert into ${schema}.memory (id, category, content, session_id, updated_at) select id, 'c', 'x', id, at from t;
    drop table t`);
  return department;
}

const tables = ["session", "message", "tool_call", "document", "memory"] as const;
async function countsOf({ schemaName }: TestDepartment) {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await edge.sql.unsafe(`select count(*)::int as n from ${schemaName}.${table}`);
    counts[table] = row?.["n"];
  }
  return counts;
}
const full = { session: 6, message: 5, tool_call: 5, document: 5, memory: 5 };
const kept = { session: 3, message: 2, tool_call: 2, document: 2, memory: 5 };

const deletions = (department: TestDepartment) => edge.sql<{ meta: string; actor: string }[]>`
  select meta, actor from audit.event where stream = ${department.id} and action = 'retention.delete' order by seq`;

test("exactly the old rows go, another department's stay, and the trail has the counts", async () => {
  const [mine, other] = [await filled(), await filled()];
  const report = await apply(mine);
  expect(report.complete).toBe(true);
  expect(await countsOf(mine)).toEqual(kept);
  expect(await countsOf(other)).toEqual(full);
  const events = await deletions(mine);
  expect(events.map(({ actor }) => actor)).toEqual(["apply-retention"]);
  expect(JSON.parse(events[0]?.meta ?? "")).toEqual({ session: 3, message: 3, tool_call: 3, document: 3 });
  expect(await deletions(other)).toHaveLength(0);
  expect((await apply(mine)).tables.every(({ rows }) => rows === 0)).toBe(true);
  expect(await deletions(mine)).toHaveLength(1);
});

test("a dry run tells the counts and the oldest, and changes nothing", async () => {
  const department = await filled();
  const { json } = await edge.call("POST", `/api/v1/departments/${department.slug}/retention?dry_run=true`, {
    key: edge.adminKey,
    body: {},
  });
  const rows = Object.fromEntries(
    json.tables.map((table: { table: string; rows: number }) => [table.table, table.rows]),
  );
  expect(rows).toEqual({ tool_call: 3, message: 3, session: 3, file: 0, document: 3, email: 0 });
  expect(Date.parse(json.tables[0].oldest)).toBeLessThan(Date.now() - 99 * 86_400_000);
  expect(await countsOf(department)).toEqual(full);
  expect(await deletions(department)).toHaveLength(0);
  const { json: reports } = await edge.call("GET", `/api/v1/departments/${department.slug}/retention`, {
    key: department.key,
  });
  expect(reports.items).toEqual([json]);
});

test("what was ended between batches is gone on with, and every batch is on record", async () => {
  const department = await filled();
  const cut = await apply(department, { batchRows: 2, batchesMax: 1 });
  expect(cut.complete).toBe(false);
  expect(await countsOf(department)).toMatchObject({ message: 3, document: 3 });
  await apply(department, { batchRows: 2 });
  expect(await countsOf(department)).toEqual(kept);
  const sum: Record<string, number> = {};
  for (const { meta } of await deletions(department))
    for (const [table, rows] of Object.entries<number>(JSON.parse(meta)))
      sum[table] = (sum[table] ?? 0) + rows;
  expect(sum).toEqual({ session: 3, message: 3, tool_call: 3, document: 3 });
});

test("what cannot be put on record is not deleted", async () => {
  const department = await filled();
  await edge.sql`alter function gateway.record_retention rename to record_retention_away`;
  await expect(apply(department)).rejects.toThrow();
  expect(await countsOf(department)).toEqual(full);
  await edge.sql`alter function gateway.record_retention_away rename to record_retention`;
});

test("without a department's seal nobody puts a deletion on its record", async () => {
  const department = await filled();
  const forged = edge.deps.db.gateway`
    select gateway.record_retention(${department.id}, 'x', 'system', ${Bun.randomUUIDv7()}, '{"message": 1}')`;
  await expect(Promise.resolve(forged)).rejects.toThrow("call refused");
});

test("a department that is suspended or locked is left alone, and one that keeps everything loses nothing", async () => {
  const [suspended, locked, keeper] = [await filled(), await filled(), await filled({})];
  await edge.sql`update federation.department set status = 'suspended' where id = ${suspended.id}`;
  await edge.sql`
    update federation.department set status = 'suspended', locked_at = now(), locked_by = 'x', lock_reason = 'test'
      where id = ${locked.id}`;
  for (const department of [suspended, locked])
    await expect(apply(department)).rejects.toMatchObject({ code: "department_not_ready" });
  expect((await apply(keeper)).tables).toEqual([]);
  for (const department of [suspended, locked, keeper]) expect(await countsOf(department)).toEqual(full);
});
