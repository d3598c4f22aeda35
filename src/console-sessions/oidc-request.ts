import { createHash, createHmac } from "node:crypto";

/** What a sign-in at the issuer is bound to: all made of one secret that only the browser has. */
export function oidcRequestOf(secret: string) {
  const part = (name: string) =>
    createHmac("sha256", secret).update(`federation ${name}`).digest("base64url");
  const verifier = part("verifier");
  return {
    state: part("state"),
    nonce: part("nonce"),
    verifier,
    codeChallenge: createHash("sha256").update(verifier).digest("base64url"),
  };
}
