import { callerOfClient } from "../api-keys/caller-of-client.ts";
import type { ApiClient, ClientCache } from "../api-keys/client-cache.ts";
import { markUsed } from "../api-keys/mark-used.ts";
import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import type { Caller, Ctx } from "../context.ts";
import { matchesHash, parseApiKey } from "../crypto/api-key.ts";
import { signToken } from "../crypto/token.ts";
import { withTx } from "../db/tx.ts";
import { unauthorized, unprocessable } from "../errors.ts";
import type { FailedLogins } from "../limits/failed-logins.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { TokenAnswer, TokenRequest } from "./token-request.ts";

const liveSeconds = 900;
const pendingSeconds = 30;

export interface TokenMeans {
  clients: ClientCache;
  signingKeys: SigningKeys;
  failedLogins: FailedLogins;
}

/**
 * A token for an API key (client credentials). Both outcomes are on record when the key exists. Throws one and the
 * same 401 `invalid_client` for whatever is wrong with the credentials, 429 when they were wrong too often, 422 for a scope
 * the key does not hold.
 */
export async function issueToken(
  ctx: Ctx,
  { clients, signingKeys, failedLogins }: TokenMeans,
  { address, ...request }: TokenRequest & { address: string },
): Promise<TokenAnswer> {
  const secret = secretPart(request.client_secret, ctx.config.environment);
  failedLogins.check(request.client_id, address);
  const client = await clients.find(request.client_id);
  const matches = matchesHash(secret, client?.secretHash ?? nobodysHash);
  const caller = client && matches ? callerOfClient(client) : undefined;
  if (!client || !caller) {
    const onRecord = async () => client && record(ctx, client, undefined);
    await failedLogins.note(request.client_id, address, onRecord);
    await onRecord();
    throw invalidClient();
  }
  const scopes = scopesWanted(request.scope, caller);
  const seconds = client.status === "pending" ? pendingSeconds : liveSeconds;
  const { token } = await signToken({
    key: await signingKeys.active(),
    issuer: ctx.config.publicUrl,
    audience: ctx.config.publicUrl,
    claims: { sub: caller.id, clientId: client.keyId, departmentId: caller.departmentId, scopes },
    ttlSeconds: seconds,
  });
  await record(ctx, client, caller);
  await markUsed(ctx.db.app, client);
  return { access_token: token, token_type: "Bearer", expires_in: seconds, scope: scopes.join(" ") };
}

/** Compared when there is no such key, so that both take the same time. */
const nobodysHash = new Uint8Array(32);

/** Whole keys are taken too: people copy what they were shown. One of another environment is not looked up. */
function secretPart(text: string, environment: Ctx["config"]["environment"]): string {
  if (!text.startsWith("fed_")) return text;
  try {
    return parseApiKey(text, environment).secret;
  } catch {
    throw invalidClient();
  }
}

const invalidClient = () => unauthorized("invalid_client", "The client's credentials are not valid.");

function scopesWanted(wanted: string | undefined, caller: Caller): string[] {
  if (wanted === undefined || wanted.trim() === "") return [...caller.scopes];
  const scopes = [...new Set(wanted.trim().split(/ +/))];
  if (scopes.every((scope) => caller.scopes.has(scope))) return scopes;
  const message = "The key does not hold this scope.";
  throw unprocessable("invalid_scope", message, [{ path: "scope", message: "is more than the key holds" }]);
}

async function record(ctx: Ctx, client: ApiClient, caller: Caller | undefined): Promise<void> {
  const event = {
    stream: (caller && client.departmentId) ?? PLATFORM_STREAM,
    actor: client.memberId ?? client.id,
    actorKind: client.memberId === null ? ("client" as const) : ("member" as const),
    action: "token.issue",
    target: client.id,
    decision: caller ? ("allowed" as const) : ("denied" as const),
    requestId: ctx.requestId,
    meta: { key: client.keyId },
  };
  await withTx(ctx.db.app, (tx) => appendAudit(tx, [event]));
}
