import type { CredentialRow } from "./credential-row.ts";
import { isEndingSoon, leftMinSeconds } from "./refresh-times.ts";

export type Access =
  | { kind: "serve"; leftSeconds: number; renew: boolean }
  | { kind: "refresh" }
  /** Somebody else refreshes. */
  | { kind: "wait" }
  /** The provider is left alone for so long after failures. */
  | { kind: "cooling"; seconds: number }
  | { kind: "needs_consent" };

type Seen = Pick<CredentialRow, "id" | "status" | "failures" | "accessLeft" | "holdLeft" | "nextLeft">;

/** What somebody who wants an access token has to do now. */
export function decideAccess(row: Seen): Access {
  if (row.status !== "active" && row.status !== "refreshing") return { kind: "needs_consent" };
  const leftSeconds = row.accessLeft ?? 0;
  const isHeld = row.status === "refreshing" && (row.holdLeft ?? 0) > 0;
  const coolingSeconds = row.failures > 0 ? Math.max(0, row.nextLeft ?? 0) : 0;
  if (leftSeconds >= leftMinSeconds) {
    const renew = isEndingSoon(row.id, leftSeconds) && !isHeld && coolingSeconds === 0;
    return { kind: "serve", leftSeconds, renew };
  }
  if (isHeld) return { kind: "wait" };
  return coolingSeconds > 0 ? { kind: "cooling", seconds: coolingSeconds } : { kind: "refresh" };
}
