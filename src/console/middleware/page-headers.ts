import type { MiddlewareHandler } from "hono";
import type { ConsoleEnv } from "../env.ts";

const pagePolicy = [
  "default-src 'none'",
  ...["style-src", "script-src", "connect-src", "img-src", "form-action"].map((what) => `${what} 'self'`),
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Lets in what is ours and nothing from elsewhere. Under `no-referrer` browsers would hide a form's origin from us. */
export function pageHeaders(): MiddlewareHandler<ConsoleEnv> {
  return async (c, next) => {
    await next();
    c.res.headers.set("content-security-policy", pagePolicy);
    c.res.headers.set("referrer-policy", "same-origin");
  };
}
