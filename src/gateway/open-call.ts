import type { Ctx } from "../context.ts";
import { unavailable } from "../errors.ts";
import type { Places } from "./find-places.ts";
import { noGrant } from "./no-grant.ts";
import { RateLimitedError } from "./rate-limited-error.ts";
import type { SealedCall } from "./seal-question.ts";

type Opened = { decision: "allowed" | "denied" | "limited"; retry_us: string };

/** Limit, grant and record in one statement and one commit. Throws 403 `no_grant` or 429 `rate_limited`. */
export async function openCall(ctx: Ctx, places: Places, call: SealedCall): Promise<void> {
  const { caller, target, kind, params, reason, requestId, seal } = call;
  const [opened] = await ctx.db.gateway<Opened[]>`
    select decision, retry_us from gateway.open(${caller}::uuid, ${target}::uuid, ${kind}::text, ${params}::text, ${reason}::text,
      ${requestId}::uuid, ${String(call.expiresUs)}::bigint, ${seal}::bytea)`;
  if (!opened) throw unavailable("gateway_unavailable", "The gateway did not answer.");
  if (opened.decision === "denied") throw noGrant();
  if (opened.decision === "limited") {
    throw new RateLimitedError(places.limit, Math.max(1, Math.ceil(Number(opened.retry_us) / 1_000_000)));
  }
}
