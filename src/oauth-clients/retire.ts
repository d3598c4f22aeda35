import { z } from "zod";
import { appendAudit, type AuditEvent, PLATFORM_STREAM } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { forgetCredential } from "../credentials/forget.ts";
import { revokeAtProvider } from "../credentials/revoke-at-provider.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { conflict, unprocessable } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { emitEvent } from "../webhooks/emit.ts";
import type { OAuthClientView } from "./oauth-client.ts";
import { selectClient } from "./select-client.ts";

export const retireInput = z.strictObject({
  /** Also while a department uses it: its access to Google ends, and it has to consent again. */
  force: z.boolean().default(false),
  /** Needed with `force`. */
  reason: z.string().min(1).max(500).optional(),
});
export type RetireInput = z.infer<typeof retireInput>;

/**
 * Takes a client out of the pool for good; its secret is destroyed. Throws 404, 409 `client_leased` in use without
 * `force`, 422 `reason_missing`, and OAuthError `transient` when a used one cannot be revoked at Google.
 */
export async function retireClient(ctx: Ctx, id: string, input: RetireInput): Promise<OAuthClientView> {
  if (input.force && input.reason === undefined)
    throw unprocessable("reason_missing", "Say why, for the record.", [
      { path: "reason", message: "is missing" },
    ]);
  const { department_id: user } = await selectClient(ctx.db.app, id);
  const department = input.force && user !== null ? user : undefined;
  const means = { sql: ctx.db.app, vault: ctx.vault, oauth: ctx.oauth };
  const revocation = department && (await revokeAtProvider(means, department));
  return withTx(ctx.db.app, async (tx) => {
    const actor = { ...auditActor(ctx), decision: "done" as const, reason: input.reason };
    const events: AuditEvent[] = [];
    if (department) {
      const meta = { revocation: revocation ?? "nothing_to_revoke" };
      const target = await takeFrom(tx, department, id);
      if (target) events.push({ ...actor, stream: department, action: "credential.revoke", target, meta });
    }
    const { count } = await tx`
      update federation.oauth_client set status = 'retired', secret_sealed = null, cooling_until = null
      where id = ${id} and status in ('free', 'cooling')`;
    const view = await selectClient(tx, id);
    if (view.status === "leased") throw conflict("client_leased", "A department uses this client.");
    const retired = { ...actor, stream: PLATFORM_STREAM, action: "oauth_client.retire", target: id };
    if (count + events.length > 0) events.push({ ...retired, meta: { project: view.project } });
    await appendAudit(tx, events);
    return view;
  });
}

/** Ends the department's credential, if it still uses this client. Answers its id. */
async function takeFrom(tx: Tx, departmentId: string, id: string): Promise<string | undefined> {
  const still = await tx`
    select from federation.oauth_client where id = ${id} and department_id = ${departmentId}`;
  if (still.count === 0) throw conflict("client_leased", "Another department uses this client by now.");
  const { credential } = await forgetCredential(tx, departmentId);
  if (credential)
    await emitEvent(tx, {
      type: "credential.broken",
      departmentId,
      data: { credential, reason: "client_retired" },
    });
  return credential;
}
