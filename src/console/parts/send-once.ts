import type { Ctx } from "../../context.ts";
import { sha256Hex } from "../../crypto/canonical-json.ts";
import { FederationError, unprocessable } from "../../errors.ts";
import { claimIdempotency, releaseIdempotency } from "../../idempotency/claim.ts";
import { isUuid } from "../../uuid.ts";

const beforeCodes = ["idempotency_secret", "idempotency_in_progress"];

/**
 * Runs what a form with this number asks for, as a call of the API with an Idempotency-Key is run. Undefined where the
 * form was sent before. Throws 422 for a number that is none of ours.
 */
export async function sendOnce<T>(
  ctx: Ctx,
  { path, number }: { path: string; number: string },
  run: (ctx: Ctx) => Promise<T>,
): Promise<T | undefined> {
  if (!isUuid(number)) throw unprocessable("invalid_request", "The form is not one of ours.");
  const request = {
    scope: `${ctx.caller.id} FORM ${path}`,
    key: number,
    fingerprint: sha256Hex(path),
  };
  const claim = await claimIdempotency(ctx.db.app, request).catch((error: unknown) => {
    if (error instanceof FederationError && beforeCodes.includes(error.code)) return undefined;
    throw error;
  });
  if (claim?.kind !== "run") return undefined;
  try {
    return await run({ ...ctx, idempotency: claim.request });
  } finally {
    await releaseIdempotency(ctx.db.app, claim.request).catch((err: unknown) =>
      ctx.log.warn({ err }, "idempotency key not released"),
    );
  }
}
