import { readFileSync } from "node:fs";
import { buildSchema, type GraphQLSchema } from "graphql";

/** The part of Railway's public schema that the project uses. */
export const loadSchema = (): GraphQLSchema =>
  buildSchema(readFileSync(new URL("schema.graphql", import.meta.url), "utf8"));
