import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { Secret } from "../../crypto/secret.ts";
import { type Tx, withTx } from "../../db/tx.ts";
import { conflict, FederationError } from "../../errors.ts";
import { OAuthError } from "../../providers/google/oauth-error.ts";
import type { GrantedTokens } from "../../providers/google/oauth-provider.ts";
import { emitEvent } from "../../webhooks/emit.ts";
import { clientSecretPlace, credentialPlace, verifierPlace } from "../places.ts";
import { missingScopes } from "../scopes.ts";
import { consentInvalid, hashToken, tokenShape } from "./consent.ts";
import { redirectUriOf } from "./redirect-uri.ts";

/** What the provider sent the browser back with, and what the browser itself proves. */
export interface Callback {
  state: string;
  browser: string;
  code?: string | undefined;
  error?: string | undefined;
  issuer?: string | undefined;
}

export interface FinishedConsent {
  department: string;
  granted: string[];
  missing: string[];
}

interface Used {
  id: string;
  department: string;
  name: string;
  requested_by: string;
  nonce: string;
  verifier: string;
  credential: string;
  client: string;
  client_id: string;
  secret: string;
  wanted: string[];
  domain: string | null;
}

/**
 * Takes the provider's answer: state and browser count once, the code is exchanged outside any transaction, then the
 * tokens are stored if the department still lives. Throws 400 `consent_invalid`, 409 `consent_denied`, `wrong_domain`,
 * `no_refresh_token`, `department_not_ready`, and OAuthError.
 */
export async function finishConsent(ctx: Ctx, callback: Callback): Promise<FinishedConsent> {
  const used = await useState(ctx, callback);
  if (callback.code === undefined) {
    await recordRefusal(ctx, used, callback.error ?? "no code");
    throw conflict("consent_denied", "Google was not given consent.");
  }
  const tokens = await exchange(ctx, used, callback.code, callback.issuer).catch(async (error: unknown) => {
    if (error instanceof FederationError) await recordRefusal(ctx, used, reasonOf(error));
    throw error;
  });
  await store(ctx, used, tokens);
  return {
    department: used.name,
    granted: tokens.scopes,
    missing: missingScopes(used.wanted, tokens.scopes),
  };
}

async function useState(ctx: Ctx, { state, browser }: Callback): Promise<Used> {
  if (!tokenShape.test(state) || !tokenShape.test(browser)) throw consentInvalid();
  const [used] = await ctx.db.app<Used[]>`
    update federation.oauth_consent o set used_at = clock_timestamp()
    from federation.credential c
      join federation.oauth_client k on k.id = c.oauth_client_id and k.status = 'leased'
      join federation.department d on d.id = c.department_id and d.status in ('provisioning', 'active', 'degraded')
      join federation.department_config f on f.department_id = d.id and f.version = d.config_version
    where o.state_hash = ${hashToken(state)} and o.browser_hash = ${hashToken(browser)} and o.used_at is null
      and o.expires_at > clock_timestamp()
      and c.department_id = o.department_id and c.service = 'google' and c.status <> 'revoked'
    returning o.id, d.id as department, d.name, o.requested_by, o.nonce, o.verifier_sealed as verifier,
      c.id as credential, k.id as client, k.client_id, k.secret_sealed as secret, c.scopes_wanted as wanted,
      f.document ->> 'google_workspace_domain' as domain`;
  if (!used) throw consentInvalid();
  return used;
}

async function exchange(
  ctx: Ctx,
  used: Used,
  code: string,
  issuer: string | undefined,
): Promise<GrantedTokens> {
  const [clientSecret, verifier] = await Promise.all([
    ctx.vault.open(clientSecretPlace(used.client), used.secret),
    ctx.vault.open(verifierPlace(used.id), used.verifier),
  ]);
  const tokens = await ctx.oauth.exchangeCode({
    client: { clientId: used.client_id, clientSecret: new Secret(clientSecret) },
    code,
    verifier,
    redirectUri: redirectUriOf(ctx.config),
    nonce: used.nonce,
    issuer,
  });
  if (used.domain !== null && tokens.hostedDomain !== used.domain)
    throw conflict("wrong_domain", `The account does not belong to ${used.domain}.`);
  if (!tokens.refreshToken || !tokens.subject)
    throw conflict(
      "no_refresh_token",
      "Google gave no lasting access; remove the app's access there and start again.",
    );
  return tokens;
}

async function store(ctx: Ctx, used: Used, tokens: GrantedTokens): Promise<void> {
  const { department, credential } = used;
  const sealed = async (
    column: "refresh_sealed" | "access_sealed" | "account_sealed",
    text: string | undefined,
  ) => (text === undefined ? null : ctx.vault.seal(credentialPlace(department, credential, column), text));
  const refresh = await sealed("refresh_sealed", tokens.refreshToken?.reveal());
  const access = await sealed("access_sealed", tokens.accessToken.reveal());
  const account = await sealed("account_sealed", tokens.email);
  await withTx(ctx.db.app, async (tx) => {
    const before = await lockCredential(tx, used);
    await tx`
      update federation.credential set status = 'active', refresh_sealed = ${refresh}, access_sealed = ${access},
        access_expires_at = clock_timestamp() + make_interval(secs => ${tokens.expiresInSeconds}),
        account_sealed = ${account}, subject = ${tokens.subject ?? null}, scopes_granted = ${tokens.scopes},
        refresh_until = null, next_refresh_at = null, failures = 0, failure_code = null, version = version + 1,
        consented_at = clock_timestamp(), updated_at = clock_timestamp()
      where id = ${credential} and status <> 'revoked'`;
    await tx`update federation.oauth_client set last_used_at = clock_timestamp() where id = ${used.client}`;
    if (before === "needs_consent")
      await emitEvent(tx, { type: "credential.recovered", departmentId: department, data: { credential } });
    const missing = missingScopes(used.wanted, tokens.scopes);
    const meta = { scopes: tokens.scopes.join(" "), missing: missing.join(" ") };
    await appendAudit(tx, [{ ...eventOf(ctx, used), decision: "done", meta }]);
  });
}

/** A lockdown or deprovision that came in between wins. */
async function lockCredential(tx: Tx, { department, credential, client }: Used): Promise<string> {
  const [row] = await tx<{ status: string }[]>`
    select c.status from federation.department d join federation.credential c on c.department_id = d.id
    where d.id = ${department} and d.status in ('provisioning', 'active', 'degraded') and c.id = ${credential}
      and c.oauth_client_id = ${client} and c.status <> 'revoked' for share of d for update of c`;
  if (!row) throw conflict("department_not_ready", "The department is not active any more.");
  return row.status;
}

async function recordRefusal(ctx: Ctx, used: Used, reason: string): Promise<void> {
  await withTx(ctx.db.app, (tx) =>
    appendAudit(tx, [{ ...eventOf(ctx, used), decision: "denied", reason: reason.slice(0, 200) }]),
  );
}

/** The browser is nobody we know; who asked for the link is. */
const eventOf = (ctx: Ctx, { department, requested_by, credential }: Used) => ({
  stream: department,
  actor: requested_by,
  actorKind: "member" as const,
  action: "consent.finish",
  target: credential,
  requestId: ctx.requestId,
});

const reasonOf = (error: FederationError) => (error instanceof OAuthError ? error.reason : error.code);
