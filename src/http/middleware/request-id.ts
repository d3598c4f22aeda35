import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";

/** Gives each request an id of ours; one from outside is never taken, since the audit relies on it. */
export function requestId(): MiddlewareHandler<Env> {
  return async (c, next) => {
    const id = Bun.randomUUIDv7();
    c.set("requestId", id);
    c.header("x-request-id", id);
    await next();
  };
}
