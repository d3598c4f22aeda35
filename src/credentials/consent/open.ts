import { calculatePKCECodeChallenge } from "oauth4webapi";
import type { Ctx } from "../../context.ts";
import { randomToken } from "../../crypto/random-token.ts";
import { verifierPlace } from "../places.ts";
import { consentInvalid, consentSeconds, hashToken, tokenShape } from "./consent.ts";
import { redirectUriOf } from "./redirect-uri.ts";

export interface OpenedConsent {
  /** The provider's page. */
  location: string;
  /** Goes into a cookie: only the browser that opened the link may come back with the answer. */
  browser: string;
}

interface Opened {
  client_id: string;
  scopes: string[];
  domain: string | null;
}

/** Uses the ticket of a consent link, once, and says where the browser has to go. Throws 400 `consent_invalid`. */
export async function openConsent(ctx: Ctx, ticket: string): Promise<OpenedConsent> {
  if (!tokenShape.test(ticket)) throw consentInvalid();
  const [browser, state, nonce, verifier] = [randomToken(), randomToken(), randomToken(), randomToken()];
  const [known] = await ctx.db.app<{ id: string }[]>`
    select id from federation.oauth_consent where ticket_hash = ${hashToken(ticket)}`;
  if (!known) throw consentInvalid();
  const sealed = await ctx.vault.seal(verifierPlace(known.id), verifier);
  const [consent] = await ctx.db.app<Opened[]>`
    update federation.oauth_consent o set opened_at = clock_timestamp(), state_hash = ${hashToken(state)},
      browser_hash = ${hashToken(browser)}, nonce = ${nonce}, verifier_sealed = ${sealed},
      expires_at = clock_timestamp() + make_interval(secs => ${consentSeconds})
    from federation.credential c
      join federation.oauth_client k on k.id = c.oauth_client_id and k.status = 'leased'
      join federation.department d on d.id = c.department_id and d.status in ('provisioning', 'active', 'degraded')
      join federation.department_config f on f.department_id = d.id and f.version = d.config_version
    where o.id = ${known.id} and o.opened_at is null and o.expires_at > clock_timestamp()
      and c.department_id = o.department_id and c.service = 'google' and c.status <> 'revoked'
    returning k.client_id, c.scopes_wanted as scopes, f.document ->> 'google_workspace_domain' as domain`;
  if (!consent) throw consentInvalid();
  const url = await ctx.oauth.authorizeUrl({
    clientId: consent.client_id,
    redirectUri: redirectUriOf(ctx.config),
    scopes: consent.scopes,
    state,
    nonce,
    codeChallenge: await calculatePKCECodeChallenge(verifier),
    ...(consent.domain !== null && { hostedDomain: consent.domain }),
  });
  return { location: url.href, browser };
}
