import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { redirectUriOf } from "../credentials/consent/redirect-uri.ts";
import { forgetCredential } from "../credentials/forget.ts";
import { revokeAtProvider } from "../credentials/revoke-at-provider.ts";
import { withTx } from "../db/tx.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { conflict } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { insertClient, readClient } from "./insert-client.ts";
import type { OAuthClientInput, OAuthClientView } from "./oauth-client.ts";
import { recordLease } from "./record-lease.ts";

/**
 * Gives a department a Google client of its own in place of the leased one; consent has to be given again. Throws 404,
 * 409 `department_not_ready` and `client_exists`, 422 `redirect_uri_missing`.
 */
export async function bringClient(
  ctx: Ctx,
  idOrSlug: string,
  input: OAuthClientInput,
): Promise<OAuthClientView> {
  const { id, status } = await resolveDepartment(ctx, idOrSlug);
  if (!["active", "degraded"].includes(status)) throw notReady();
  const means = { sql: ctx.db.app, vault: ctx.vault, oauth: ctx.oauth };
  const client = await readClient(means, input, redirectUriOf(ctx.config));
  // Last of what is not undone by a rollback: a client that is refused must not cost the consent there is.
  const revocation = await revokeAtProvider(means, id);
  return withTx(ctx.db.app, async (tx) => {
    const live = await tx`select from federation.department
      where id = ${id} and status in ('active', 'degraded') for no key update`;
    if (live.count === 0) throw notReady();
    await forgetCredential(tx, id);
    const view = await insertClient(tx, client, { departmentId: id });
    await recordLease(tx, id, view.client_id, "bring-your-own");
    const event = { ...auditActor(ctx), stream: id, action: "oauth_client.bring", target: view.id };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { project: view.project, revocation } }]);
    return view;
  });
}

const notReady = () => conflict("department_not_ready", "The department is not active.");
