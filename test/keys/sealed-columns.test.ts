import { afterAll, beforeAll, expect, test } from "bun:test";
import { sealedColumns } from "../../src/crypto/sealed-columns.ts";
import { type KeyWorld, keyWorld } from "./world.ts";

let world: KeyWorld;
beforeAll(async () => {
  world = await keyWorld();
});
afterAll(() => world.close());

const listed = sealedColumns.map(({ table, column }) => `${table}.${column}`).toSorted();

test("the list of sealed columns is that of the database", async () => {
  const rows = await world.app<{ name: string }[]>`
    select c.relname || '.' || a.attname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'federation'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attnum > 0 and not a.attisdropped and a.atttypid = 'text'::regtype
      and (a.attname = 'sealed' or a.attname like '%\_sealed')`;
  expect(rows.map((row) => row.name).toSorted()).toEqual(listed);
});

test("every sealed column is guarded, and its key is found by an index", async () => {
  const rows = await world.app<{ name: string; index: string | null; guard: string | null }[]>`
    select l.name,
      (select pg_get_indexdef(i.indexrelid) from pg_index i where i.indrelid = ('federation.' || l.table_name)::regclass
        and i.indpred is null and pg_get_indexdef(i.indexrelid, 1, true) = format('split_part(%s, ''.''::text, 3)', l.column_name)
        limit 1) as index,
      (select encode(t.tgargs, 'escape') from pg_trigger t where t.tgrelid = ('federation.' || l.table_name)::regclass
        and t.tgfoid = 'federation.guard_sealed()'::regprocedure and t.tgenabled = 'O'
        and starts_with(encode(t.tgargs, 'escape'), l.column_name || '\\000')) as guard
    from (select name, split_part(name, '.', 1) as table_name, split_part(name, '.', 2) as column_name
      from unnest(${listed}::text[]) as name) l`;
  expect(rows).toHaveLength(listed.length);
  for (const { table, column, departmentColumn, rowIdColumns } of sealedColumns) {
    const found = rows.find((row) => row.name === `${table}.${column}`);
    const guard = [column, ...(departmentColumn === null ? [] : [departmentColumn])];
    expect([found?.name, found?.guard]).toEqual([
      `${table}.${column}`,
      guard.map((name) => `${name}\\000`).join(""),
    ]);
    expect(found?.index ?? "").toEndWith(`, 3), ${rowIdColumns.join(", ")})`);
  }
});

test("only a sealed value of the owner's own key gets in", async () => {
  const [hr, sales] = [await world.addDepartment(), await world.addDepartment()];
  await world.addSecrets(sales, 1);
  const [foreign] = await world.app<{ sealed: string }[]>`
    select sealed from federation.department_secret where department_id = ${sales}`;
  const insert = (sealed: string) =>
    world.app`insert into federation.department_secret (department_id, name, sealed, created_by_step)
      values (${hr}, 'x', ${sealed}, 'test')`.then(
      () => "in",
      (error: { code: string }) => error.code,
    );
  expect(await insert("a password in the clear")).toBe("23514");
  expect(await insert(foreign?.sealed ?? "")).toBe("40001");
  expect(await insert(`fedc1.a256gcm.${Bun.randomUUIDv7()}.AAAA`)).toBe("40001");
});
