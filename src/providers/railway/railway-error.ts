import { FederationError } from "../../errors.ts";

/**
 * `exists`: that name is taken in the project · `not_ready`: again in a moment, the last change is not through ·
 * `unseen`: no such thing, or not for this token; right after its creation it may only not have appeared yet ·
 * `ambiguous`: no usable answer, it may have been carried out · `unavailable`: it was not ·
 * `refused`: not as it is asked for.
 */
export type RailwayErrorKind =
  "unauthorized" | "unseen" | "exists" | "not_ready" | "ambiguous" | "unavailable" | "refused";

const retryableKinds = new Set<RailwayErrorKind>(["unseen", "not_ready", "ambiguous", "unavailable"]);

/** `message` is public and ours; Railway's own words are the cause. */
export class RailwayError extends FederationError {
  override name = "RailwayError";

  constructor(
    readonly kind: RailwayErrorKind,
    readonly operation: string,
    message: string,
    cause?: unknown,
  ) {
    super(`railway_${kind}`, message, {
      status: kind === "unavailable" || kind === "ambiguous" ? 503 : 409,
      retryable: retryableKinds.has(kind),
      cause,
    });
  }
}
