/**
 * One refresh of one credential: hold it (one guarded update), ask the provider outside any transaction, store the
 * outcome in one transaction with its audit and events. Exactly one caller over all processes holds a credential; after
 * kill -9 another one may take it when the holder's time is over. Who wakes up later stores nothing: the version has
 * moved. Only a refresh token that the provider rotated is kept even then (docs/decisions/0021-refresh.md).
 */
import type { Logger } from "pino";
import { Secret } from "../crypto/secret.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import { OAuthError } from "../providers/google/oauth-error.ts";
import type {
  OAuthProvider,
  OAuthProviderClient,
  RefreshedTokens,
} from "../providers/google/oauth-provider.ts";
import type { CredentialRow } from "./credential-row.ts";
import { type Held, holdRefresh } from "./hold-refresh.ts";
import { keepRotated } from "./keep-rotated.ts";
import { markFailed } from "./mark-failed.ts";
import { markNeedsConsent } from "./mark-needs-consent.ts";
import { markRefreshed } from "./mark-refreshed.ts";
import { clientSecretPlace, credentialPlace } from "./places.ts";

export interface RefreshMeans {
  sql: Sql;
  vault: Vault;
  oauth: OAuthProvider;
  log: Logger;
}

/** Refreshes a credential as it was read. Does nothing when somebody else was faster; read the row again. */
export async function refreshCredential(means: RefreshMeans, row: CredentialRow): Promise<void> {
  const held = await holdRefresh(means.sql, row);
  if (!held) return;
  const outcome = await callProvider(means, held);
  await untilStored(means, held, () => store(means, held, outcome));
}

type Outcome = OAuthError | { used: Secret<string>; tokens: RefreshedTokens; tookSeconds: number };

async function callProvider(means: RefreshMeans, held: Held): Promise<Outcome> {
  const startedMs = performance.now();
  try {
    const place = credentialPlace(held.departmentId, held.id, "refresh_sealed");
    const used = new Secret(await means.vault.open(place, held.refreshSealed));
    const client = await openClient(means, held);
    const tokens = await means.oauth.refresh({ client, refreshToken: used });
    return { used, tokens, tookSeconds: (performance.now() - startedMs) / 1000 };
  } catch (error) {
    if (error instanceof OAuthError) return error;
    means.log.error({ err: error, credential: held.id }, "could not ask for a refresh");
    return new OAuthError("transient", "internal");
  }
}

async function openClient(
  { vault }: RefreshMeans,
  { clientRow, clientId, clientSecretSealed }: Held,
): Promise<OAuthProviderClient> {
  if (!clientRow || !clientId || !clientSecretSealed) throw new OAuthError("client_broken", "client_retired");
  const secret = await vault.open(clientSecretPlace(clientRow), clientSecretSealed);
  return { clientId, clientSecret: new Secret(secret) };
}

async function store(means: RefreshMeans, held: Held, outcome: Outcome): Promise<void> {
  if (outcome instanceof OAuthError) {
    if (outcome.kind === "reconsent") await markNeedsConsent(means, held, outcome.reason);
    else await markFailed(means.sql, held, outcome.kind, outcome);
    return;
  }
  const { used, tokens, tookSeconds } = outcome;
  if (await markRefreshed(means, held, tokens, tookSeconds)) return;
  const rotated = tokens.refreshToken;
  const isKept = rotated !== undefined && (await keepRotated(means, held, { used, rotated }));
  means.log.warn(
    { credential: held.id, kept: isKept },
    "a refresh came too late; its access token is dropped",
  );
}

const pausesMs = [100, 300, 1000, 3000, 6000];

/** The provider cannot be asked again for a token it rotated: a database that is away for a moment must not cost it. */
async function untilStored({ log }: RefreshMeans, { id }: Held, storing: () => Promise<void>): Promise<void> {
  for (const pauseMs of pausesMs) {
    try {
      return await storing();
    } catch (error) {
      if (error instanceof FederationError && error.code.startsWith("vault_")) throw error;
      log.warn({ err: error, credential: id }, "could not store a refresh; trying again");
      await Bun.sleep(pauseMs);
    }
  }
  return await storing();
}
