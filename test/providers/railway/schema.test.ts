import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "bun:test";
import { buildClientSchema, buildSchema, introspectionFromSchema, printSchema } from "graphql";
import { loadSchema } from "../../fakes/railway/load-schema.ts";
import { schemaDifferences } from "../../fakes/railway/schema-differences.ts";

/** Of Railway's published schema, which lies beside a checkout when it is at hand. */
const published = new URL("../../../../shared/data/railway/schema.graphql", import.meta.url);
const ours = loadSchema();

test.skipIf(!existsSync(published))("the project's schema is contained in Railway's", () => {
  const full = buildSchema(readFileSync(published, "utf8"), { assumeValid: true });
  expect(schemaDifferences(ours, full)).toEqual([]);
  expect(schemaDifferences(full, ours)).not.toEqual([]);
});

test("a schema that went through introspection is found the same", () => {
  expect(schemaDifferences(ours, buildClientSchema(introspectionFromSchema(ours)))).toEqual([]);
});

/** The project's schema with one text in place of another. */
function changed(from: string, to: string): string[] {
  const text = printSchema(ours);
  expect(text).toContain(from);
  return schemaDifferences(buildSchema(text.replace(from, to), { assumeValidSDL: true }), ours);
}

test.each([
  [
    "field",
    "type Project implements Node {",
    "type Project implements Node {\n  nam: String",
    "Project.nam: is not in Railway's schema",
  ],
  [
    "nullability",
    "  primaryEnvironmentId: String\n",
    "  primaryEnvironmentId: String!\n",
    "Project.primaryEnvironmentId: is String in Railway's schema, not String!",
  ],
  [
    "argument",
    "project(id: String!)",
    "project(id: String!, slug: String)",
    "Query.project.slug: is not in Railway's schema",
  ],
  [
    "type of an argument",
    "project(id: String!)",
    "project(id: ID!)",
    "Query.project.id: is String! in Railway's schema, not ID!",
  ],
  [
    "argument that is left out",
    "project(id: String!)",
    "project",
    "Query.project.id: is required by Railway's schema",
  ],
  [
    "input field",
    "input ServiceUpdateInput {",
    "input ServiceUpdateInput {\n  title: String",
    "ServiceUpdateInput.title: is not in Railway's schema",
  ],
  [
    "required input field that is left out",
    "input VolumeCreateInput {\n  environmentId: String\n  mountPath: String!\n",
    "input VolumeCreateInput {\n  environmentId: String\n",
    "VolumeCreateInput.mountPath: is required by Railway's schema",
  ],
  [
    "default",
    "replace: Boolean = false",
    "replace: Boolean = true",
    "VariableCollectionUpsertInput.replace: is Boolean = false in Railway's schema, not Boolean = true",
  ],
  ["enum value", "enum Plan {", "enum Plan {\n  GOLD", "Plan.GOLD: is not in Railway's schema"],
  [
    "interface",
    "type Metric {",
    "type Metric implements Node {",
    "Metric implements Node: is not in Railway's schema",
  ],
  [
    "type",
    "scalar JSON\n",
    "scalar JSON\n\ntype Goods {\n  id: ID\n}\n",
    "Goods: is not in Railway's schema",
  ],
])("a wrong %s is found and named", (_kind, from, to, line) => {
  expect(changed(from, to)).toEqual([line]);
});

test("a type of another kind is found and named", () => {
  expect(changed("scalar DeploymentMeta", "enum DeploymentMeta {\n  ONE\n}")).toEqual([
    "DeploymentMeta: is of kind Scalar, not Enum",
  ]);
});
