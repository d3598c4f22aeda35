import type { MiddlewareHandler } from "hono";
import type { Env } from "../env.ts";

/** Headers of every answer; a route may set its own Content-Security-Policy or Cache-Control before. */
export function securityHeaders(https: boolean): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    if (!headers.has("content-security-policy")) {
      headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    }
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-frame-options", "DENY");
    headers.set("referrer-policy", "no-referrer");
    headers.set("cross-origin-resource-policy", "same-origin");
    if (https) headers.set("strict-transport-security", "max-age=63072000; includeSubDomains");
  };
}
