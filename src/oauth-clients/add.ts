import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { redirectUriOf } from "../credentials/consent/redirect-uri.ts";
import { withTx } from "../db/tx.ts";
import { completeIdempotency } from "../idempotency/request.ts";
import { auditActor } from "../members/audit-actor.ts";
import { insertClient, readClient } from "./insert-client.ts";
import type { OAuthClientInput, OAuthClientView } from "./oauth-client.ts";

/** Adds a client to the pool; its secret is sealed at once. Throws 409 `client_exists`, 422 `redirect_uri_missing`. */
export async function addClient(ctx: Ctx, input: OAuthClientInput): Promise<OAuthClientView> {
  const client = await readClient({ sql: ctx.db.app, vault: ctx.vault }, input, redirectUriOf(ctx.config));
  return withTx(ctx.db.app, async (tx) => {
    const view = await insertClient(tx, client);
    await completeIdempotency(tx, ctx, 201, view);
    const event = {
      ...auditActor(ctx),
      stream: PLATFORM_STREAM,
      action: "oauth_client.add",
      target: view.id,
    };
    await appendAudit(tx, [{ ...event, decision: "done", meta: { project: view.project } }]);
    return view;
  });
}
