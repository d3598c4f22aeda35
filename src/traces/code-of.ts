import { FederationError } from "../errors.ts";

/** What a span may say of an error: our own code, or the error's class; its text may hold what nobody should read. */
export function codeOf(error: unknown): string {
  if (error instanceof FederationError) return error.code;
  return error instanceof Error ? error.name : "unknown";
}
