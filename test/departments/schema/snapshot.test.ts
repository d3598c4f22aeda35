import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { describeSchemas } from "../../../src/db/lint/describe-schemas.ts";
import { isolationWorld, type World } from "../../isolation/world.ts";

let world: World;
beforeAll(async () => void (world = await isolationWorld()));
afterAll(() => world.close());

const file = join(import.meta.dir, "../../snapshots/department.sql");

test("a department's schema is what test/snapshots/department.sql says (delete the file to write it anew)", async () => {
  const { schemaName } = await world.addDepartment();
  const lines = (await describeSchemas(world.admin, [schemaName])).get(schemaName) ?? [];
  const text = `-- The catalog of one department, written by test/departments/schema/snapshot.test.ts.\n${lines.join("\n")}\n`;
  if (!(await Bun.file(file).exists())) await Bun.write(file, text);
  expect(text).toBe(await Bun.file(file).text());
});

test("two departments have the same catalog but for their names", async () => {
  const [one, other] = await Promise.all([world.addDepartment(), world.addDepartment()]);
  const described = await describeSchemas(world.admin, [one.schemaName, other.schemaName]);
  expect(described.get(one.schemaName)).toEqual(described.get(other.schemaName));
});
