import { createHash, createHmac } from "node:crypto";

/** What is stored of a session's token. */
export const sessionTokenHash = (token: string): Buffer => createHash("sha256").update(token).digest();

/** What the session's forms carry: made of its token, so that no other session's fits and nothing is stored. */
export const formTokenOf = (token: string): string =>
  createHmac("sha256", token).update("federation console form").digest("base64url");
