import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { sha256Hex } from "../../crypto/canonical-json.ts";
import { badRequest, FederationError } from "../../errors.ts";
import { type Claim, claimIdempotency, releaseIdempotency } from "../../idempotency/claim.ts";
import { ctxOf, type Env } from "../env.ts";

const waitMs = 100;
const waitsMax = 50;

/**
 * Lets a webhook of one sender take effect once, by its `webhook-id`: a repetition gets the first answer, and one that
 * comes while the first still runs waits up to 5 s for it. Ids are kept as long as idempotency keys are, 7 days. A
 * sender with an API key may leave the id out.
 */
export function rememberWebhook(): MiddlewareHandler<Env> {
  return async (c, next) => {
    const key = c.req.header("webhook-id");
    if (key === undefined) return next();
    if (!/^[A-Za-z0-9_:-]{1,255}$/.test(key))
      throw badRequest("bad_webhook_id", "A webhook-id is 1 to 255 of A-Z, a-z, 0-9, _, : and -.");
    const { db, log } = ctxOf(c);
    const claim = await claimOrWait(c, key);
    if (claim.kind === "replay") {
      c.header("idempotent-replayed", "true");
      return c.json(claim.body, claim.status as ContentfulStatusCode);
    }
    c.set("idempotency", claim.request);
    try {
      await next();
    } finally {
      await releaseIdempotency(db.app, claim.request).catch((err) =>
        log.warn({ err }, "webhook id not released"),
      );
    }
  };
}

async function claimOrWait(c: Context<Env>, key: string): Promise<Claim> {
  const { db, caller } = ctxOf(c);
  // A key of the same person is another sender, and cannot use up a source's ids.
  const isSigned = c.req.header("authorization") === undefined;
  const scope = isSigned ? `webhook source ${c.req.query("source")}` : `webhook ${caller.id}`;
  const request = { scope, key, fingerprint: sha256Hex(await c.req.text()) };
  for (let waits = 0; ; waits++) {
    try {
      return await claimIdempotency(db.app, request);
    } catch (error) {
      const isRunning = error instanceof FederationError && error.code === "idempotency_in_progress";
      if (!isRunning || waits === waitsMax) throw error;
      await Bun.sleep(waitMs);
    }
  }
}
