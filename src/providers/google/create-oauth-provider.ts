/**
 * Google as an OpenID provider, or any other one: discovery, code with PKCE, refresh, revocation, on oauth4webapi. An
 * answer other than 200 is judged by its `error` (classify-answer.ts); one that is 200 and does not fit is transient,
 * but for an id token that is not ours. The library's own errors hold whole answers, so none of them is passed on.
 */
import * as oauth from "oauth4webapi";
import { Secret } from "../../crypto/secret.ts";
import { FederationError } from "../../errors.ts";
import { boundedFetch, type Send } from "./bounded-fetch.ts";
import { classifyAnswer } from "./classify-answer.ts";
import { createDiscovery } from "./discovery.ts";
import { OAuthError } from "./oauth-error.ts";
import type {
  AuthorizeRequest,
  CodeExchange,
  GrantedTokens,
  OAuthProvider,
  OAuthProviderClient,
  RefreshedTokens,
} from "./oauth-provider.ts";
import { within } from "./within.ts";

export interface OAuthProviderOptions {
  issuer: string;
  fetch?: Send;
  timeoutMs?: number;
}

const defaultTimeoutMs = 10_000;
/** For a provider that does not say how long its token lives. */
const assumedSeconds = 300;
const clockToleranceSeconds = 60;

/** Connects to nothing yet. Throws `bad_configuration` for an issuer that is neither https nor http on loopback. */
export function createOAuthProvider(options: OAuthProviderOptions): OAuthProvider {
  const issuer = new URL(options.issuer);
  const isInsecure = issuer.protocol === "http:";
  const isAllowed = (url: URL) => url.protocol === "https:" || (isInsecure && isLoopback(url));
  if (!isAllowed(issuer)) throw new FederationError("bad_configuration", "OAUTH_ISSUER has to be https.");
  const { timeoutMs = defaultTimeoutMs } = options;
  const bounded = boundedFetch(options.fetch ?? fetch, timeoutMs, isAllowed);
  const http = { [oauth.customFetch]: bounded, [oauth.allowInsecureRequests]: isInsecure };
  const discovery = createDiscovery(() => oauth.discoveryRequest(issuer, http), issuer);
  /** One limit for everything a call needs, discovery and keys included. */
  const begin = async (given?: AbortSignal) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = given ? AbortSignal.any([given, timeout]) : timeout;
    return { server: await within(signal, discovery()), calls: { ...http, signal } };
  };
  const keys: oauth.JWKSCacheInput = {};

  return {
    async authorizeUrl(request) {
      const { server } = await begin();
      return authorizeUrl(endpoint(server.authorization_endpoint, isAllowed), request);
    },
    async exchangeCode(exchange) {
      const { server, calls } = await begin(exchange.signal);
      const response = await sent(requestCode(server, exchange, calls));
      const id = identity(exchange.client);
      return await fitting(async () => {
        const tokens = await oauth.processAuthorizationCodeResponse(server, id, response, {
          expectedNonce: exchange.nonce,
          requireIdToken: true,
        });
        await oauth.validateApplicationLevelSignature(server, response, {
          ...calls,
          [oauth.jwksCache]: keys,
        });
        return granted(tokens);
      });
    },
    async refresh({ client, refreshToken, signal }) {
      const { server, calls } = await begin(signal);
      const [id, auth] = [identity(client), oauth.ClientSecretPost(client.clientSecret.reveal())];
      const request = oauth.refreshTokenGrantRequest(server, id, auth, refreshToken.reveal(), calls);
      const response = await sent(request);
      return await fitting(async () =>
        refreshed(await oauth.processRefreshTokenResponse(server, id, response), refreshToken),
      );
    },
    async revoke({ token, client, signal }) {
      const { server, calls } = await begin(signal);
      const id = client ? identity(client) : { client_id: "none" };
      const auth = client ? oauth.ClientSecretPost(client.clientSecret.reveal()) : () => {};
      const request = oauth.revocationRequest(server, id, auth, token.reveal(), calls);
      await sent(request).catch((error: unknown) => {
        const isGone =
          error instanceof OAuthError && ["invalid_token", "invalid_grant"].includes(error.reason);
        if (!isGone) throw error;
      });
    },
  };
}

function authorizeUrl(url: URL, request: AuthorizeRequest): URL {
  const parameters: Record<string, string | undefined> = {
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    response_type: "code",
    scope: request.scopes.join(" "),
    state: request.state,
    nonce: request.nonce,
    code_challenge: request.codeChallenge,
    code_challenge_method: "S256",
    access_type: "offline",
    // Without it Google gives a refresh token at the first consent only.
    prompt: "consent",
    login_hint: request.loginHint,
    hd: request.hostedDomain,
  };
  // Never include_granted_scopes: it merges the grants of all clients of a project, so of other departments.
  for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
  return url;
}

async function requestCode(
  server: oauth.AuthorizationServer,
  { client, code, verifier, redirectUri, issuer = server.issuer }: CodeExchange,
  calls: oauth.TokenEndpointRequestOptions,
): Promise<Response> {
  if (issuer !== server.issuer) throw new OAuthError("refused", "issuer_not_ours");
  const answer = new URLSearchParams({ code, iss: issuer });
  const id = identity(client);
  const checked = oauth.validateAuthResponse(server, id, answer, oauth.expectNoState);
  const auth = oauth.ClientSecretPost(client.clientSecret.reveal());
  return await oauth.authorizationCodeGrantRequest(server, id, auth, checked, redirectUri, verifier, calls);
}

const identity = ({ clientId }: OAuthProviderClient): oauth.Client => ({
  client_id: clientId,
  [oauth.clockTolerance]: clockToleranceSeconds,
});

/** The 200 of a request; anything else thrown as what it means. */
async function sent(request: Promise<Response>): Promise<Response> {
  let response: Response;
  try {
    response = await request;
  } catch (error) {
    throw error instanceof OAuthError ? error : new OAuthError("transient", "endpoint_missing");
  }
  if (response.status !== 200) throw await classifyAnswer(response);
  return response;
}

const notOurs = new Set<unknown>([
  oauth.JWT_CLAIM_COMPARISON,
  oauth.JWT_TIMESTAMP_CHECK,
  oauth.KEY_SELECTION,
]);

async function fitting<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    const isForeign = error instanceof oauth.OperationProcessingError && notOurs.has(error.code);
    throw isForeign
      ? new OAuthError("refused", "id_token_not_ours")
      : new OAuthError("transient", "malformed");
  }
}

function granted(tokens: oauth.TokenEndpointResponse): GrantedTokens {
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  const { subject, email, verified, hostedDomain } = {
    subject: claims?.sub,
    email: claims?.["email"],
    verified: claims?.["email_verified"],
    hostedDomain: claims?.["hd"],
  };
  return {
    accessToken: new Secret(tokens.access_token),
    ...(tokens.refresh_token !== undefined && { refreshToken: new Secret(tokens.refresh_token) }),
    expiresInSeconds: lifetime(tokens),
    scopes: scopeList(tokens.scope),
    ...(subject !== undefined && { subject }),
    ...(typeof email === "string" && verified === true && { email }),
    ...(typeof hostedDomain === "string" && { hostedDomain }),
  };
}

function refreshed(tokens: oauth.TokenEndpointResponse, used: Secret<string>): RefreshedTokens {
  const { access_token, refresh_token, scope } = tokens;
  const isRotated = refresh_token !== undefined && refresh_token !== used.reveal();
  return {
    accessToken: new Secret(access_token),
    ...(isRotated && { refreshToken: new Secret(refresh_token) }),
    expiresInSeconds: lifetime(tokens),
    ...(scope !== undefined && { scopes: scopeList(scope) }),
  };
}

const lifetime = ({ expires_in: seconds = assumedSeconds }: oauth.TokenEndpointResponse) =>
  Math.max(1, Math.floor(seconds));
const scopeList = (scope = "") => scope.split(" ").filter((one) => one !== "");

function endpoint(url: string | undefined, isAllowed: (url: URL) => boolean): URL {
  const parsed = url === undefined ? null : URL.parse(url);
  if (!parsed || !isAllowed(parsed)) throw new OAuthError("transient", "endpoint_missing");
  return parsed;
}

const isLoopback = ({ hostname }: URL) => ["127.0.0.1", "localhost", "[::1]"].includes(hostname);
