import type { Context } from "hono";
import type { Limit } from "../limits/limit.ts";

/** `RateLimit-Policy` with every limit that applies, `RateLimit` with what is left of the tightest, which comes first. */
export function setRateLimitHeaders(c: Context, limits: readonly Limit[]): void {
  const [tightest] = limits;
  if (!tightest) return;
  const policies = limits.map(({ kind, hits, windowSeconds }) => `"${kind}";q=${hits};w=${windowSeconds}`);
  c.header("ratelimit-policy", policies.join(", "));
  c.header("ratelimit", `"${tightest.kind}";r=${tightest.left};t=${tightest.resetSeconds}`);
}
