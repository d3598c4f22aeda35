// POST /token: the code grant and the refresh grant, with Google's errors.
import { createHash } from "node:crypto";
import type { Store, FakeClient, Code, RefreshToken } from "./store.ts";

export interface Answer {
  status: number;
  body: object;
}

export interface TokenEndpoint {
  store: Store;
  /** Read at each call. */
  options: { expiresInSeconds: number; rotation: Rotation };
  idToken(code: Code): Promise<string>;
}

/**
 * `none` is Google. Others rotate: with `until_used` the old token lives until the new one is used, with `strict`
 * using an old one ends the whole line.
 */
export type Rotation = "none" | "until_used" | "strict";

export const refuse = (status: number, error: string, description = "Bad Request"): Answer => ({
  status,
  body: { error, error_description: description },
});

export async function answerToken(endpoint: TokenEndpoint, form: URLSearchParams): Promise<Answer> {
  const client = endpoint.store.clients.get(form.get("client_id") ?? "");
  if (!client) return refuse(401, "invalid_client", "The OAuth client was not found.");
  if (client.isDeleted) return refuse(401, "deleted_client", "The OAuth client was deleted.");
  if (client.clientSecret !== form.get("client_secret")) return refuse(401, "invalid_client", "Unauthorized");
  const grantType = form.get("grant_type");
  if (grantType === "authorization_code") return exchangeCode(endpoint, client, form);
  if (grantType === "refresh_token") return refresh(endpoint, client, form.get("refresh_token") ?? "");
  return refuse(400, "unsupported_grant_type", `Invalid grant_type: ${grantType}`);
}

async function exchangeCode(
  endpoint: TokenEndpoint,
  client: FakeClient,
  form: URLSearchParams,
): Promise<Answer> {
  const { store, options } = endpoint;
  const code = store.codes.get(form.get("code") ?? "");
  if (!code || code.clientId !== client.clientId) return refuse(400, "invalid_grant", "Malformed auth code.");
  if (code.redirectUri !== form.get("redirect_uri")) return refuse(400, "redirect_uri_mismatch");
  if (code.challenge !== undefined && code.challenge !== challengeOf(form.get("code_verifier") ?? "")) {
    return refuse(400, "invalid_grant", "Invalid code verifier.");
  }
  store.codes.delete(form.get("code") ?? "");
  const { scopes, account } = code;
  const refreshToken = code.isOffline
    ? store.addRefreshToken(client.clientId, account.subject, scopes).token
    : undefined;
  return {
    status: 200,
    body: {
      access_token: store.addAccessToken(client.clientId, account.subject),
      expires_in: options.expiresInSeconds,
      ...(refreshToken && { refresh_token: refreshToken }),
      scope: scopes.join(" "),
      token_type: "Bearer",
      ...(scopes.includes("openid") && { id_token: await endpoint.idToken(code) }),
    },
  };
}

function refresh({ store, options }: TokenEndpoint, client: FakeClient, text: string): Answer {
  const token = store.refreshTokens.get(text);
  if (!token || token.clientId !== client.clientId) {
    return refuse(400, "invalid_grant", "Token has been expired or revoked.");
  }
  if (token.replacedBy && options.rotation === "strict") {
    for (const used of store.lineOf(token)) store.refreshTokens.delete(used.token);
    return refuse(400, "invalid_grant", "Token was used before.");
  }
  const rotated = options.rotation === "none" ? undefined : rotate(store, token);
  return {
    status: 200,
    body: {
      access_token: store.addAccessToken(client.clientId, token.subject),
      expires_in: options.expiresInSeconds,
      scope: token.scopes.join(" "),
      token_type: "Bearer",
      ...(rotated && { refresh_token: rotated.token }),
    },
  };
}

/** Whoever uses a token shows that it arrived: those before it are good no more. */
function rotate(store: Store, token: RefreshToken): RefreshToken {
  for (const other of store.lineOf(token)) {
    if (other.replacedBy === token) store.refreshTokens.delete(other.token);
  }
  const next = store.addRefreshToken(token.clientId, token.subject, token.scopes, token.origin);
  token.replacedBy = next;
  return next;
}

const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");
