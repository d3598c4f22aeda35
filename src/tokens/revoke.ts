import { z } from "zod";
import { lockKey, type LockedKey } from "../api-keys/lock-key.ts";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { verifyToken, type VerifiedToken } from "../crypto/token.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { FederationError, forbidden, notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** RFC 7009 §2.1. */
export const revocationRequest = z.strictObject({
  token: z.string().min(1).max(8192),
  token_type_hint: z.string().max(100).optional(),
});

/**
 * Ends one access token by its `jti`, within a second in every process (RFC 7009): by the key it was got for, or who may
 * end that key. What is no token of ours, has ended or is another department's changes nothing and is no error. Throws
 * 403 `insufficient_scope` or `role_not_yours` for a token that the caller may see and not end.
 */
export async function revokeToken(
  ctx: Ctx,
  { signingKeys }: { signingKeys: SigningKeys },
  text: string,
): Promise<void> {
  const claims = await verified(ctx, signingKeys, text);
  if (!claims) return;
  await withTx(ctx.db.app, async (tx) => {
    const key = await revocableKey(ctx, tx, claims.clientId);
    if (!key) return;
    const inserted = await tx`
      insert into federation.revoked_token (jti, client_id, expires_at, revoked_by)
      values (${claims.jti}, ${key.id}, ${new Date(claims.expiresAt * 1000)}, ${ctx.caller.id}) on conflict do nothing`;
    if (inserted.count === 0) return;
    const event = { ...auditActor(ctx), stream: key.department ?? PLATFORM_STREAM, action: "token.revoke" };
    await appendAudit(tx, [{ ...event, target: claims.jti, decision: "done", meta: { key: key.key_id } }]);
  });
}

async function verified(ctx: Ctx, keys: SigningKeys, text: string): Promise<VerifiedToken | undefined> {
  const { publicUrl } = ctx.config;
  try {
    return await verifyToken(text, {
      keys: (kid) => keys.publicKey(kid),
      issuer: publicUrl,
      audience: publicUrl,
    });
  } catch (error) {
    if (error instanceof FederationError && error.code === "invalid_token") return undefined;
    throw error;
  }
}

/** The token's key, when the caller holds it or may end it; undefined when it is out of reach. */
async function revocableKey(ctx: Ctx, tx: Tx, keyId: string): Promise<LockedKey | undefined> {
  const [own] = await tx<LockedKey[]>`
    select c.id, c.key_id, c.status, null as member, null as role, coalesce(c.department_id, m.department_id) as department
    from federation.api_client c left join federation.member m on m.id = c.member_id
    where c.key_id = ${keyId} and c.id = ${ctx.caller.clientId ?? null}`;
  if (own) return own;
  try {
    const key = await lockKey(ctx, tx, { keyId });
    if (ctx.caller.scopes.has("keys:write")) return key;
  } catch (error) {
    if (error instanceof FederationError && error.code === notFound().code) return undefined;
    throw error;
  }
  throw forbidden("insufficient_scope", "This needs the scope keys:write.");
}
