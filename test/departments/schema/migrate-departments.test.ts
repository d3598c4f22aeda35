import { afterAll, beforeAll, expect, test } from "bun:test";
import { migrateDepartments } from "../../../src/departments/schema/migrate-departments.ts";
import { readTemplates, type SchemaTemplate } from "../../../src/departments/schema/read-templates.ts";
import { type Department, isolationWorld, type World } from "../../isolation/world.ts";

let world: World;
let departments: Department[];
let templates: SchemaTemplate[];

beforeAll(async () => {
  world = await isolationWorld();
  departments = await Promise.all(Array.from({ length: 4 }, () => world.addDepartment()));
  templates = [
    ...(await readTemplates()),
    {
      version: 3,
      name: "0003_colour.sql",
      text: "alter table {{schema}}.contact add column colour text;",
      checksum: "c3",
    },
  ];
});
afterAll(() => world.close());

const stateOf = async ({ id }: Department) =>
  (
    await world.admin`select schema_version, schema_state, schema_error from federation.department where id = ${id}`
  )[0];

test("one department that fails is recorded and stops no other; the next call goes on with it alone", async () => {
  const [first, ...others] = departments;
  if (!first) throw new Error("no department");
  await world.admin.unsafe(`alter table ${first.schemaName}.contact add column colour text`);
  const result = await migrateDepartments(world.provisioner, { templates });
  expect(result.migrated.toSorted()).toEqual(others.map(({ id }) => id).toSorted());
  expect(result.failed).toEqual([
    { departmentId: first.id, message: 'column "colour" of relation "contact" already exists' },
  ]);
  expect(await stateOf(first)).toMatchObject({ schema_version: 2, schema_state: "failed" });
  await world.admin.unsafe(`alter table ${first.schemaName}.contact drop column colour`);
  expect(await migrateDepartments(world.provisioner, { templates })).toEqual({
    version: 3,
    migrated: [first.id],
    failed: [],
  });
  expect(await stateOf(first)).toEqual({ schema_version: 3, schema_state: "current", schema_error: null });
  expect(await migrateDepartments(world.provisioner, { templates })).toEqual({
    version: 3,
    migrated: [],
    failed: [],
  });
});

test("a department left in the middle by a crash is taken up again", async () => {
  const [first] = departments;
  if (!first) throw new Error("no department");
  await world.admin`update federation.department set schema_state = 'migrating' where id = ${first.id}`;
  expect((await migrateDepartments(world.provisioner, { templates })).migrated).toEqual([first.id]);
});

test("two migrations at the same time apply each template once and report no failure", async () => {
  const next = [
    ...templates,
    {
      version: 4,
      name: "0004_size.sql",
      text: "alter table {{schema}}.contact add column size text;",
      checksum: "c4",
    },
  ];
  const results = await Promise.all(
    [1, 2, 3].map(() => migrateDepartments(world.provisioner, { templates: next })),
  );
  expect(results.flatMap(({ failed }) => failed)).toEqual([]);
  expect(results.flatMap(({ migrated }) => migrated).toSorted()).toEqual(
    departments.map(({ id }) => id).toSorted(),
  );
  templates = next;
});

test("a template that was changed after it was applied is reported, nothing is applied on top", async () => {
  const edited = templates.map((template) =>
    template.version === 3 ? { ...template, checksum: "other" } : template,
  );
  const result = await migrateDepartments(world.provisioner, { templates: edited });
  expect(result.migrated).toEqual([]);
  expect(result.failed.map(({ message }) => message)).toEqual(
    departments.map(() => "template 3 was applied with another content"),
  );
  expect((await migrateDepartments(world.provisioner, { templates })).failed).toEqual([]);
});

test("asked for one department it leaves the others as they are", async () => {
  const [first, second] = departments;
  if (!first || !second) throw new Error("no departments");
  const ids = [first.id, second.id];
  await world.admin`update federation.department set schema_state = 'migrating' where id = any(${ids})`;
  const one = await migrateDepartments(world.provisioner, { templates, departmentId: first.id });
  expect(one).toMatchObject({ migrated: [first.id], failed: [] });
  expect((await migrateDepartments(world.provisioner, { templates })).migrated).toEqual([second.id]);
});
