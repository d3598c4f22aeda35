import { callerOfClient } from "../api-keys/caller-of-client.ts";
import type { ApiClient, ClientCache } from "../api-keys/client-cache.ts";
import { markUsed } from "../api-keys/mark-used.ts";
import type { Config } from "../config.ts";
import type { Caller } from "../context.ts";
import { matchesHash, parseApiKey } from "../crypto/api-key.ts";
import { verifyToken } from "../crypto/token.ts";
import type { Pools } from "../db/pools.ts";
import { unauthorized } from "../errors.ts";
import type { FailedLogins } from "../limits/failed-logins.ts";
import type { RevokedTokens } from "./revoked-tokens.ts";
import type { SigningKeys } from "./signing-keys.ts";

interface Means {
  db: Pools;
  config: Readonly<Config>;
  clients: ClientCache;
  signingKeys: SigningKeys;
  revokedTokens: RevokedTokens;
  failedLogins: FailedLogins;
}

/**
 * Who sends this `Authorization` header: an API key of ours or a token we signed for one. A token counts only while its
 * key does, so that a revocation ends both within a second. Throws 401, and 429 for a key that was wrong too often from
 * this `address`.
 */
export async function authenticateBearer(
  means: Means,
  header: string | undefined,
  address: string,
): Promise<Caller> {
  if (header === undefined)
    throw unauthorized("unauthenticated", "The request needs an Authorization header.");
  const [, credential] = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(header) ?? [];
  if (credential === undefined) throw invalidCredentials();
  const [client, caller] = credential.startsWith("fed_")
    ? await byKey(means, credential, address)
    : await byToken(means, credential);
  await markUsed(means.db.app, client);
  return caller;
}

type Known = [ApiClient, Caller];

async function byKey(
  { clients, failedLogins, config }: Means,
  text: string,
  address: string,
): Promise<Known> {
  const { id, secret } = parseApiKey(text, config.environment);
  failedLogins.check(id, address);
  const client = await clients.find(id);
  const matches = matchesHash(secret, client?.secretHash ?? nobodysHash);
  const caller = client && matches ? callerOfClient(client) : undefined;
  if (!client || !caller) {
    await failedLogins.note(id, address);
    throw invalidCredentials();
  }
  return [client, caller];
}

async function byToken({ clients, signingKeys, revokedTokens, config }: Means, text: string): Promise<Known> {
  const keys = (kid: string) => signingKeys.publicKey(kid);
  const claims = await verifyToken(text, { keys, issuer: config.publicUrl, audience: config.publicUrl });
  const [client, isRevoked] = await Promise.all([
    clients.find(claims.clientId),
    revokedTokens.has(claims.jti),
  ]);
  const caller = client && callerOfClient(client);
  if (
    isRevoked ||
    !client ||
    !caller ||
    caller.id !== claims.sub ||
    caller.departmentId !== claims.departmentId
  ) {
    throw invalidCredentials();
  }
  return [client, { ...caller, scopes: new Set(claims.scopes.filter((scope) => caller.scopes.has(scope))) }];
}

const nobodysHash = new Uint8Array(32);
const invalidCredentials = () => unauthorized("invalid_credentials", "The credentials are not valid.");
