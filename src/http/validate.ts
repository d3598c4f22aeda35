import { zValidator } from "@hono/zod-validator";
import type { z } from "zod";
import { type FieldError, unprocessable } from "../errors.ts";
import { document } from "./operation.ts";

/** The JSON body by its schema. Throws 422 with one entry per problem. */
export const jsonBody = <T extends z.ZodType>(schema: T) =>
  document(
    zValidator("json", schema, (result) => {
      if (!result.success) throw invalid(result.error);
    }),
    { body: schema },
  );

/** The query string by its schema. Throws 422 with one entry per problem. */
export const queryString = <T extends z.ZodType>(schema: T) =>
  document(
    zValidator("query", schema, (result) => {
      if (!result.success) throw invalid(result.error);
    }),
    { query: schema },
  );

/** The 422 of a value that does not fit its schema. */
export function invalid(error: Pick<z.core.$ZodError, "issues">) {
  return unprocessable(
    "invalid_request",
    "The request does not fit the schema.",
    error.issues.flatMap(fieldErrors).slice(0, 50),
  );
}

/** An unknown key is named in the path, cut short: it came from outside. */
function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: issue.message }];
  return issue.keys.map((key) => ({
    path: [...path, key.slice(0, 100)].join("."),
    message: "is not known here",
  }));
}
