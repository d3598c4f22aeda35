import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Env } from "../env.ts";

/** One line per answer; the route's pattern, never the query, since that may hold what somebody searched for. */
export function accessLog(): MiddlewareHandler<Env> {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const { deps, requestId, caller } = c.var;
    deps.log.debug(
      {
        request_id: requestId,
        method: c.req.method,
        route: routePath(c, -1),
        status: c.res.status,
        duration_ms: Math.round(performance.now() - startedAt),
        caller: caller?.id,
      },
      "request",
    );
  };
}
