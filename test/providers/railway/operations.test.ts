import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "bun:test";
import { buildSchema, OperationTypeNode, parse, validate } from "graphql";
import {
  isMutation,
  type OperationName,
  railwayOperations,
} from "../../../src/providers/railway/operations.ts";
import { loadSchema } from "../../fakes/railway/load-schema.ts";

/** Of Railway's published schema, which lies beside a checkout when it is at hand. */
const published = new URL("../../../../shared/data/railway/schema.graphql", import.meta.url);
const schemas = [
  { name: "the project's part", schema: loadSchema() },
  ...(existsSync(published)
    ? [
        {
          name: "all of Railway's",
          schema: buildSchema(readFileSync(published, "utf8"), { assumeValid: true }),
        },
      ]
    : []),
];
const names = Object.keys(railwayOperations).map((name) => name as OperationName);

describe.each(schemas)("every operation is valid in the schema, $name:", ({ schema }) => {
  const problems = (text: string) => validate(schema, parse(text)).map(({ message }) => message);

  test.each(names)("%s", (name) => {
    expect(problems(railwayOperations[name])).toEqual([]);
  });

  test("a field, an argument or a type that Railway does not have is found", () => {
    const { project, serviceInstanceUpdate } = railwayOperations;
    expect(problems(project.replace("description", "descriptoin"))).toHaveLength(1);
    expect(problems(project.replace("(id: $id)", "(ids: $id)"))).not.toEqual([]);
    expect(problems(serviceInstanceUpdate.replace("ServiceInstanceUpdateInput!", "String!"))).not.toEqual([]);
  });
});

test.each(names)("%s is named after the one field it asks for, and known for what it does", (name) => {
  const [definition] = parse(railwayOperations[name]).definitions;
  if (definition?.kind !== "OperationDefinition") throw new Error("not an operation");
  const fields = definition.selectionSet.selections.map((one) =>
    one.kind === "Field" ? one.name.value : "",
  );
  expect({ name: definition.name?.value, fields }).toEqual({ name, fields: [name] });
  expect(isMutation(name)).toBe(definition.operation === OperationTypeNode.MUTATION);
});
