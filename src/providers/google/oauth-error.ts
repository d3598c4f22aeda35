import { FederationError } from "../../errors.ts";

/**
 * What to do about it: `reconsent` only the person can help, `client_broken` only who registered the application,
 * `refused` the request or a policy does not allow it, `transient` the same call may succeed later.
 */
export type OAuthErrorClass = "reconsent" | "client_broken" | "refused" | "transient";

const messages: Record<OAuthErrorClass, { status: number; text: string }> = {
  reconsent: { status: 409, text: "The consent has ended; it has to be given again." },
  client_broken: { status: 503, text: "The provider does not accept the OAuth client." },
  refused: { status: 409, text: "The provider refused the request." },
  transient: { status: 503, text: "The provider could not answer." },
};

/** A failed call to the provider. `reason` is the provider's `error`, or what went wrong on the way; never a secret. */
export class OAuthError extends FederationError {
  override name = "OAuthError";

  constructor(
    readonly kind: OAuthErrorClass,
    readonly reason: string,
    options: { retryAfterSeconds?: number | undefined } = {},
  ) {
    const { retryAfterSeconds } = options;
    super(`oauth_${kind}`, `${messages[kind].text} (${reason})`, {
      status: messages[kind].status,
      retryable: kind === "transient",
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
  }
}
