import { FederationError } from "../errors.ts";
import type { RateLimit } from "./find-places.ts";

/** 429 with what the RateLimit headers say (draft-ietf-httpapi-ratelimit-headers). */
export class RateLimitedError extends FederationError {
  override name = "RateLimitedError";

  constructor(
    readonly limit: RateLimit,
    readonly waitSeconds: number,
  ) {
    const message = `At most ${limit.hits} questions in ${limit.windowSeconds} s.`;
    super("rate_limited", message, { status: 429, retryable: true, retryAfterSeconds: waitSeconds });
  }
}
