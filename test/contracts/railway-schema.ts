// The schema that an endpoint tells anybody about itself, against the part that the project uses.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { buildClientSchema, getIntrospectionQuery, type GraphQLSchema, parse, validate } from "graphql";
import { z } from "zod";
import { railwayOperations } from "../../src/providers/railway/operations.ts";
import { loadSchema } from "../fakes/railway/load-schema.ts";
import { schemaDifferences } from "../fakes/railway/schema-differences.ts";

export interface RailwayEndpoint {
  url: string;
  close(): Promise<void>;
}

/** Fails with one line per thing that has changed. */
export function describeRailwaySchema(name: string, make: () => Promise<RailwayEndpoint>): void {
  describe(`Railway's schema: ${name}`, () => {
    let endpoint: RailwayEndpoint;
    let schema: GraphQLSchema;
    beforeAll(async () => {
      endpoint = await make();
      schema = await readSchema(endpoint.url);
    });
    afterAll(() => endpoint?.close());

    test("has all that the project's part of it has, as it has it", () => {
      expect(schemaDifferences(loadSchema(), schema)).toEqual([]);
    });

    test("takes every operation of the client", () => {
      const refused = Object.entries(railwayOperations).flatMap(([operation, text]) =>
        validate(schema, parse(text)).map(({ message }) => `${operation}: ${message}`),
      );
      expect(refused).toEqual([]);
    });
  });
}

const introspection = z.object({ data: z.looseObject({ __schema: z.looseObject({}) }) });

/** Railway tells it without a token. The schema it serves is not valid in all its parts. */
async function readSchema(url: string): Promise<GraphQLSchema> {
  const response = await fetch(`${url}?source=federation`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: getIntrospectionQuery({ descriptions: false }) }),
    signal: AbortSignal.timeout(60_000),
  });
  const body: unknown = await response.json();
  introspection.parse(body);
  const { data } = body as { data: Parameters<typeof buildClientSchema>[0] };
  return buildClientSchema(data, { assumeValid: true });
}
