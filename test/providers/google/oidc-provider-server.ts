// A real OpenID provider (oidc-provider) on a loopback port, with one client and a person who logs in and consents at once.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKeyPair, exportJWK } from "jose";
import Provider from "oidc-provider";
import type { OAuthWorld } from "../../contracts/oauth-provider.ts";

const scopes = ["openid", "email"];

export async function startOidcProvider(): Promise<OAuthWorld> {
  const client = { clientId: "department", clientSecret: crypto.randomUUID() };
  const redirectUri = "http://127.0.0.1/oauth/callback";
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: "one", alg: "RS256", use: "sig" };
  let answer = (_req: IncomingMessage, res: ServerResponse): void => void res.destroy();
  const server = createServer((req, res) => answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: [crypto.randomUUID()] },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    findAccount: (_ctx: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: "one@example.org", email_verified: true }),
    }),
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    issueRefreshToken: () => true,
    // A new one at every use, and an old one ends the grant.
    rotateRefreshToken: true,
  });
  const respond = provider.callback();
  answer = (req, res) => {
    if (!req.url?.startsWith("/interaction/")) return void respond(req, res);
    void logInAndConsent(provider, req, res).catch(() => res.destroy());
  };
  return {
    issuer,
    client,
    redirectUri,
    scopes,
    revokesForClient: true,
    visit: (url) => visitUntil(url, redirectUri),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function logInAndConsent(provider: Provider, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const accountId = "account-1";
  const details = await provider.interactionDetails(req, res);
  if (details.prompt.name === "login") {
    return await provider.interactionFinished(req, res, { login: { accountId } });
  }
  const grant = new provider.Grant({ accountId, clientId: String(details.params["client_id"]) });
  grant.addOIDCScope(scopes.join(" "));
  const grantId = await grant.save();
  return await provider.interactionFinished(
    req,
    res,
    { consent: { grantId } },
    { mergeWithLastSubmission: true },
  );
}

async function visitUntil(start: URL, redirectUri: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = start;
  for (let hops = 0; hops < 10; hops += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (!location) throw new Error(`${url.pathname} answered ${response.status}: ${await response.text()}`);
    url = new URL(location, url);
    if (url.href.startsWith(redirectUri)) return url;
  }
  throw new Error("too many redirects");
}
