import type { Context } from "hono";
import { z } from "zod";
import { callerOfIdentity } from "../../console-sessions/caller-of-identity.ts";
import { noteDenied } from "../../console-sessions/note-denied.ts";
import { oidcRequestOf } from "../../console-sessions/oidc-request.ts";
import { openConsoleSession } from "../../console-sessions/open.ts";
import type { Config } from "../../config.ts";
import { randomToken } from "../../crypto/random-token.ts";
import { FederationError, forbidden, notFound } from "../../errors.ts";
import { createOAuthProvider } from "../../providers/google/create-oauth-provider.ts";
import type { OAuthProvider } from "../../providers/google/oauth-provider.ts";
import { dropBrief, keepBriefly, keepSession, readCookie } from "../cookies.ts";
import { consoleCtx, type ConsoleEnv, consoleFactory } from "../env.ts";
import { ownPath } from "../own-path.ts";
import { renderPage } from "../render-page.tsx";
import { traceCall } from "../../net/trace-call.ts";
import type { Tracer } from "../../traces/tracer.ts";

type Oidc = NonNullable<Config["oidc"]>;

const cookieName = "federation_sign_in";
const callbackPath = "/sign-in/oidc/callback";
const callback = z.object({
  state: z.string().max(200).default(""),
  code: z.string().max(4000).optional(),
  iss: z.string().max(500).optional(),
});

/**
 * Sign-in at the company's own OpenID issuer. What comes back counts only in the browser that went there, by a cookie
 * of its own: the session's is not sent along from another site, so a page of ours goes on from there.
 */
export function oidcPages(oidc: Oidc | undefined, tracer: Tracer) {
  const provider = oidc && createOAuthProvider({ issuer: oidc.issuer, fetch: traceCall(tracer, "oidc") });
  const start = consoleFactory.createHandlers(async (c) => {
    const { oidc: set, provider: asked } = configured(oidc, provider);
    const secret = randomToken();
    const { state, nonce, codeChallenge } = oidcRequestOf(secret);
    const redirectUri = redirectUriOf(c.var.deps.config);
    const request = {
      clientId: set.clientId,
      redirectUri,
      scopes: ["openid", "email"],
      state,
      nonce,
      codeChallenge,
    };
    const url = await asked.authorizeUrl(request);
    // These ask for lasting access, which a sign-in does not want.
    for (const name of ["access_type", "prompt"]) url.searchParams.delete(name);
    keepBriefly(
      c,
      cookieName,
      `${secret}.${Buffer.from(ownPath(c.req.query("next"))).toString("base64url")}`,
    );
    return c.redirect(url.href, 302);
  });
  const finish = consoleFactory.createHandlers(async (c) => {
    const { oidc: set, provider: asked } = configured(oidc, provider);
    const [secret = "", next = ""] = (readCookie(c, cookieName) ?? "").split(".");
    dropBrief(c, cookieName);
    const identity = await identityOf(c, set, asked, secret);
    const caller = identity && (await callerOfIdentity(consoleCtx(c), identity));
    if (!caller) {
      await noteDenied(consoleCtx(c), {
        action: "console.sign_in",
        reason: identity ? "unknown_person" : "refused",
      });
      throw forbidden(
        "not_signed_in",
        "You were not signed in. Ask an administrator whether you are a member here.",
      );
    }
    keepSession(c, await openConsoleSession(consoleCtx(c), caller, "oidc"));
    const path = ownPath(Buffer.from(next, "base64url").toString());
    return renderPage(c, { title: "You are signed in", goOn: path }, <a href={path}>Go on</a>);
  });
  return { start, finish };
}

/** Undefined for whatever the issuer did not vouch for, to this browser. */
async function identityOf(c: Context<ConsoleEnv>, oidc: Oidc, provider: OAuthProvider, secret: string) {
  const query = callback.safeParse(c.req.query());
  const request = oidcRequestOf(secret);
  if (!query.success || secret === "" || query.data.state !== request.state || !query.data.code)
    return undefined;
  try {
    const { subject, email } = await provider.exchangeCode({
      client: { clientId: oidc.clientId, clientSecret: oidc.clientSecret },
      code: query.data.code,
      issuer: query.data.iss,
      verifier: request.verifier,
      nonce: request.nonce,
      redirectUri: redirectUriOf(c.var.deps.config),
    });
    return subject === undefined ? undefined : { subject, email };
  } catch (error) {
    if (error instanceof FederationError && error.status === 409) return undefined;
    throw error;
  }
}

const redirectUriOf = (config: Readonly<Config>) => new URL(callbackPath, config.publicUrl).href;

function configured(oidc: Oidc | undefined, provider: OAuthProvider | undefined) {
  if (!oidc || !provider) throw notFound();
  return { oidc, provider };
}
