import { createHash } from "node:crypto";
import { FederationError } from "../../errors.ts";

export const hashToken = (token: string) => createHash("sha256").update(token, "utf8").digest();
export const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** How long a link may lie before it is opened, and how long a person may take at the provider. */
export const consentSeconds = 600;

/** One answer to a ticket or state that is unknown, used, late, or not this browser's. */
export const consentInvalid = () =>
  new FederationError("consent_invalid", "This link is not valid any more; start again.", { status: 400 });
