import type { MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { isConsolePath } from "../../console/authorization.ts";
import type { WebMetrics } from "../../metrics/process/web-metrics.ts";
import type { Env } from "../env.ts";

/** Counts every answer by its route's pattern; the console's pages count as one. */
export function measure(metrics: WebMetrics): MiddlewareHandler<Env> {
  return async (c, next) => {
    const startedAt = performance.now();
    await next();
    const matched = matchedRoutes(c).findLast((candidate) => candidate.method !== "ALL");
    const route = isConsolePath(c.req.path) ? "console" : (matched?.path ?? "none");
    const seconds = (performance.now() - startedAt) / 1000;
    metrics.request({ route, method: c.req.method, status: c.res.status, seconds });
  };
}
