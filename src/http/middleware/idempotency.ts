import type { MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { badRequest } from "../../errors.ts";
import { claimIdempotency, releaseIdempotency } from "../../idempotency/claim.ts";
import { canonicalJson, sha256Hex } from "../../crypto/canonical-json.ts";
import { ctxOf, type Env } from "../env.ts";

/**
 * Honours `Idempotency-Key` on a route whose verb stores its answer with `completeIdempotency`. The key belongs to
 * caller and path; a call that stored nothing gives it back.
 */
export function idempotency(): MiddlewareHandler<Env> {
  return async (c, next) => {
    const key = c.req.header("idempotency-key");
    if (key === undefined) return next();
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
      throw badRequest("bad_idempotency_key", "An Idempotency-Key is 1 to 255 visible ASCII characters.");
    }
    const { db, caller, log } = ctxOf(c);
    const text = await c.req.text();
    const { pathname, search } = new URL(c.req.url);
    const fingerprint = sha256Hex(canonicalJson([search, text === "" ? null : JSON.parse(text)]));
    const scope = `${caller.id} ${c.req.method} ${pathname}`;
    const claim = await claimIdempotency(db.app, { scope, key, fingerprint });
    if (claim.kind === "replay") {
      c.header("idempotent-replayed", "true");
      return c.json(claim.body, claim.status as ContentfulStatusCode);
    }
    c.set("idempotency", claim.request);
    try {
      await next();
    } finally {
      await releaseIdempotency(db.app, claim.request).catch((err) =>
        log.warn({ err }, "idempotency key not released"),
      );
    }
  };
}
