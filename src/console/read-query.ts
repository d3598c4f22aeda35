import type { Context } from "hono";
import type { z } from "zod";
import { invalid } from "../http/validate.ts";
import type { ConsoleEnv } from "./env.ts";

/** The query string by its schema; a form sends what was left empty as well, which counts as not there. Throws 422. */
export function readQuery<T extends z.ZodType>(c: Context<ConsoleEnv>, schema: T): z.output<T> {
  return read(new URL(c.req.url).searchParams, schema);
}

/** The form that was sent by its schema, in the same way. Throws 422. */
export function readForm<T extends z.ZodType>(c: Context<ConsoleEnv>, schema: T): z.output<T> {
  return read(c.var.form, schema);
}

function read<T extends z.ZodType>(fields: URLSearchParams, schema: T): z.output<T> {
  const given = Object.fromEntries([...fields].filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw invalid(parsed.error);
  return parsed.data;
}
