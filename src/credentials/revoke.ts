import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { forgetCredential } from "./forget.ts";
import { revokeAtProvider } from "./revoke-at-provider.ts";

/**
 * Ends the department's access to Google: there, unless others of its account would lose theirs, and here in any case.
 * Throws 404 for another department or when there is nothing, OAuthError `transient` when Google cannot be reached.
 */
export async function revokeCredential(ctx: Ctx, idOrSlug: string): Promise<void> {
  const { id } = await resolveDepartment(ctx, idOrSlug);
  const revocation = await revokeAtProvider({ sql: ctx.db.app, vault: ctx.vault, oauth: ctx.oauth }, id);
  await withTx(ctx.db.app, async (tx) => {
    const { credential } = await forgetCredential(tx, id);
    if (!credential) throw notFound();
    const event = { ...auditActor(ctx), stream: id, action: "credential.revoke", target: credential };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { revocation } }]);
  });
}
