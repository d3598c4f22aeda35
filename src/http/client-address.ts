import type { Context } from "hono";
import type { Env } from "./env.ts";

/**
 * Where a call comes from: the socket's address, or what the outermost trusted proxy wrote into X-Forwarded-For. Entries
 * further left are the caller's own words.
 */
export function clientAddress(c: Context<Env>): string {
  const { trustedProxies } = c.var.deps.config;
  const forwarded = (c.req.header("x-forwarded-for") ?? "").split(",").map((entry) => entry.trim());
  const named = trustedProxies > 0 ? forwarded.at(-trustedProxies) : undefined;
  if (named && /^[0-9A-Fa-f.:]{2,45}$/.test(named)) return named;
  const bindings: Env["Bindings"] | undefined = c.env;
  return bindings?.server?.requestIP(c.req.raw)?.address ?? "unknown";
}
