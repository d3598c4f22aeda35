import { FederationError } from "../errors.ts";
import type { Limit } from "./limit.ts";

/** 429 with what the RateLimit headers say (draft-ietf-httpapi-ratelimit-headers); the tightest limit comes first. */
export class RateLimitedError extends FederationError {
  override name = "RateLimitedError";

  constructor(readonly limits: readonly Limit[]) {
    const [refused] = limits;
    const message = refused
      ? `At most ${refused.hits} in ${refused.windowSeconds} s (${refused.kind}).`
      : "Too many calls.";
    super("rate_limited", message, {
      status: 429,
      retryable: true,
      retryAfterSeconds: refused?.resetSeconds ?? 1,
    });
  }
}
