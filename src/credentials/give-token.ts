import { appendAudit, type AuditEvent } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { conflict, FederationError, forbidden, notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import type { AccessToken } from "./access-tokens.ts";
import type { GivenToken } from "./given-token.ts";
import { missingScopes } from "./scopes.ts";

/**
 * A short-lived access token of Google for the department that asks, on record before it leaves. Throws 409
 * `needs_consent`, 409 `department_not_ready` for one that is not active, 503 `credential_cooling`.
 */
export async function giveToken(ctx: Ctx): Promise<GivenToken> {
  const { departmentId } = ctx.caller;
  if (departmentId === undefined)
    throw forbidden("not_a_department", "This is for who belongs to a department.");
  const event = { ...auditActor(ctx), stream: departmentId, action: "credential.token" };
  try {
    const { credential } = await findCredential(ctx.db.app, departmentId);
    const access = await ctx.accessTokens.get(credential);
    await withTx(ctx.db.app, async (tx) => {
      // What was revoked or suspended during a refresh is not given away.
      const { credential: still } = await findCredential(tx, departmentId);
      if (still !== credential) throw needsConsent();
      const meta = { service: "google", expires_in: access.expiresInSeconds };
      await appendAudit(tx, [{ ...event, target: credential, decision: "allowed", meta }]);
    });
    return answerOf(access);
  } catch (error) {
    if (error instanceof FederationError) await recordRefusal(ctx, event, error);
    throw error;
  }
}

const needsConsent = () => conflict("needs_consent", "Somebody has to consent at the provider first.");

async function findCredential(sql: Sql | Tx, departmentId: string): Promise<{ credential: string }> {
  const [found] = await sql<{ departmentStatus: string; status: string | null; credential: string | null }[]>`
    select d.status as "departmentStatus", c.status, c.id as credential
    from federation.department d left join federation.credential c
      on c.department_id = d.id and c.service = 'google' and c.status <> 'revoked'
    where d.id = ${departmentId}`;
  if (!found) throw notFound();
  if (!["active", "degraded"].includes(found.departmentStatus)) {
    throw conflict("department_not_ready", "The department is not active.");
  }
  if (!found.credential || !["active", "refreshing"].includes(found.status ?? "")) throw needsConsent();
  return { credential: found.credential };
}

function answerOf({ token, expiresInSeconds, scopesGranted, scopesWanted }: AccessToken): GivenToken {
  return {
    access_token: token.reveal(),
    token_type: "Bearer",
    expires_in: expiresInSeconds,
    scope: scopesGranted.join(" "),
    missing_scopes: missingScopes(scopesWanted, scopesGranted),
  };
}

async function recordRefusal(
  ctx: Ctx,
  event: Omit<AuditEvent, "decision">,
  { code, status }: FederationError,
): Promise<void> {
  if (code === "audit_unavailable" || code === "database_unavailable") return;
  const decision = status < 500 ? "denied" : "failed";
  await withTx(ctx.db.app, (tx) => appendAudit(tx, [{ ...event, decision, reason: code }]));
}
