import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Env } from "../env.ts";

/** Asked every few seconds by whoever watches the process. */
const untraced: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** A span for each request, below the caller's own where they name one: the route's pattern, never path or query. */
export function traceRequest(): MiddlewareHandler<Env> {
  return async (c, next) => {
    const { tracer } = c.var.deps;
    const { method, path } = c.req;
    if (untraced.has(path)) return next();
    const attributes = { "http.request.method": method, "federation.request_id": c.var.requestId };
    const wish = { kind: "server" as const, parent: c.req.header("traceparent"), attributes };
    await tracer.span(method, wish, async (span) => {
      await next();
      const route = routePath(c, -1);
      const { status } = c.res;
      span.rename(`${method} ${route}`);
      span.set({ "http.route": route, "http.response.status_code": status });
      if (status >= 500) span.fail(`http_${status}`);
    });
  };
}
