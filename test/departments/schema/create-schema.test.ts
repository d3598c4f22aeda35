import { afterAll, beforeAll, expect, test } from "bun:test";
import { createDepartmentSchema } from "../../../src/departments/schema/create-schema.ts";
import { dropDepartmentSchema } from "../../../src/departments/schema/drop-schema.ts";
import { findLeftovers } from "../../../src/departments/schema/find-leftovers.ts";
import { readTemplates } from "../../../src/departments/schema/read-templates.ts";
import { renderSchema } from "../../../src/departments/schema/render-schema.ts";
import { failureOf, generateNames, isolationWorld, type World } from "../../isolation/world.ts";

let world: World;
beforeAll(async () => void (world = await isolationWorld()));
afterAll(() => world.close());

const broken = { version: 3, name: "0003_broken.sql", text: "select 1 / 0;", checksum: "0" };

test("a department gets its schema, role and ledger rows, and asking again changes nothing", async () => {
  const department = await world.addDepartment({ schema: false });
  const { length } = await readTemplates();
  expect(await createDepartmentSchema(world.provisioner, department)).toEqual({
    changed: true,
    version: length,
  });
  expect(await createDepartmentSchema(world.provisioner, department)).toEqual({
    changed: false,
    version: length,
  });
  const [row] = await world.admin`select schema_version, schema_state,
      (select count(*)::int from federation.schema_ledger where department_id = d.id) as ledger
    from federation.department d where id = ${department.id}`;
  expect(row).toEqual({ schema_version: length, schema_state: "current", ledger: length });
});

test("when one statement fails, neither schema nor role nor ledger is left", async () => {
  const department = await world.addDepartment({ schema: false });
  const templates = [...(await readTemplates()), broken];
  expect(await failureOf(createDepartmentSchema(world.provisioner, department, templates))).toBe("22012");
  expect(await findLeftovers(world.provisioner, department)).toEqual([]);
  expect((await createDepartmentSchema(world.provisioner, department)).changed).toBe(true);
});

test("a schema that no ledger accounts for is refused and stays as it was", async () => {
  const department = await world.addDepartment({ schema: false });
  await world.admin.unsafe(
    `create schema ${department.schemaName}; create table ${department.schemaName}.theirs (id int)`,
  );
  expect(await failureOf(createDepartmentSchema(world.provisioner, department))).toBe("schema_exists");
  expect(
    await world.admin`select c.relname from pg_class c
    where c.relnamespace = ${department.schemaName}::regnamespace and c.relkind = 'r'`,
  ).toEqual(expect.objectContaining([{ relname: "theirs" }]));
  await world.admin.unsafe(`drop schema ${department.schemaName} cascade`);
});

test("a lost schema is reported, not silently made anew", async () => {
  const department = await world.addDepartment();
  await world.admin.unsafe(`drop schema ${department.schemaName} cascade`);
  expect(await failureOf(createDepartmentSchema(world.provisioner, department))).toBe("schema_missing");
});

test("inside a caller's transaction that fails, nothing is left", async () => {
  const department = await world.addDepartment({ schema: false });
  const { withTx } = await import("../../../src/db/tx.ts");
  const attempt = withTx(world.provisioner, async (tx) => {
    await createDepartmentSchema(tx, department);
    await tx`select 1 / 0`;
  });
  expect(await failureOf(attempt)).toBe("22012");
  expect(await findLeftovers(world.provisioner, department)).toEqual([]);
});

test("a dropped department leaves nothing in the catalogs, and dropping it again succeeds", async () => {
  const department = await world.addDepartment();
  await world.addDocument(department, "kept until dropped");
  expect((await findLeftovers(world.provisioner, department)).length).toBeGreaterThan(10);
  await dropDepartmentSchema(world.provisioner, department);
  expect(await findLeftovers(world.provisioner, department)).toEqual([]);
  await dropDepartmentSchema(world.provisioner, department);
});

test("only generated names that belong together become SQL", async () => {
  const templates = await readTemplates();
  const good = generateNames();
  const bad = [
    { schemaName: "t_short" },
    { schemaName: "public" },
    { schemaName: `${good.schemaName};drop` },
    { schemaName: good.schemaName.toUpperCase() },
    { roleName: "federation_owner" },
    { roleName: generateNames().roleName },
    { id: "1' or '1'='1" },
    { id: `${good.id}\n` },
  ];
  for (const part of bad)
    expect(() => renderSchema({ ...good, ...part }, templates)).toThrow("not generated");
  expect(renderSchema(good, templates)).not.toContain("{{");
  expect(() => renderSchema(good, [{ ...broken, text: "{{slug}}" }])).toThrow("unknown placeholder");
});
