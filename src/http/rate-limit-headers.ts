import type { Context } from "hono";
import type { RateLimit } from "../gateway/find-places.ts";

/** `RateLimit-Policy`, and `RateLimit` when nothing is left. */
export function setRateLimitHeaders(
  c: Context,
  { hits, windowSeconds }: RateLimit,
  waitSeconds?: number,
): void {
  c.header("ratelimit-policy", `"query";q=${hits};w=${windowSeconds}`);
  if (waitSeconds !== undefined) c.header("ratelimit", `"query";r=0;t=${waitSeconds}`);
}
