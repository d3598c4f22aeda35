import type { MiddlewareHandler } from "hono";
import type { z } from "zod";
import type { Env } from "./env.ts";
import type { Tag } from "./tags.ts";

/** What the reference says about a route; it stands next to the route and travels with its handlers. */
export interface Operation {
  id: string;
  summary: string;
  tag: Tag;
  /** By status; a schema is JSON, a string another media type. 401, 403, 404, 422 and the like are added. */
  answers: Record<number, z.ZodType | string>;
  /** Takes an Idempotency-Key. */
  idempotent?: true;
}

export interface Documented {
  operation?: Operation;
  body?: z.ZodType;
  query?: z.ZodType;
}

const documented = Symbol("documented");

/** Marks a route's handlers with what the reference shows of them. */
export function operation(meta: Operation): MiddlewareHandler<Env> {
  const passThrough: MiddlewareHandler<Env> = async (_c, next) => next();
  return document(passThrough, { operation: meta });
}

export const document = <T extends object>(handler: T, details: Documented): T =>
  Object.assign(handler, { [documented]: details });

export function documentationOf(handler: object): Documented {
  return (handler as { [documented]?: Documented })[documented] ?? {};
}
