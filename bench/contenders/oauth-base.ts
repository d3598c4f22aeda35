import { pino } from "pino";
import { loadConfig } from "../../src/config.ts";
import { createAccessTokens } from "../../src/credentials/access-tokens.ts";
import type { RefreshMeans } from "../../src/credentials/refresh.ts";
import { environmentKeyProvider } from "../../src/crypto/kek.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { createVault } from "../../src/crypto/vault.ts";
import { openPools } from "../../src/db/pools.ts";
import { createOAuthProvider } from "../../src/providers/google/create-oauth-provider.ts";
import { createNaiveTokens } from "./oauth-naive.ts";

export interface OAuthSetup {
  databaseUrl: string;
  kek: string;
  issuer: string;
}

export const oauthContenders = ["naive", "federation"] as const;
export type OAuthContender = (typeof oauthContenders)[number];

export const oauthConfig = ({ databaseUrl, kek }: OAuthSetup) =>
  loadConfig({
    DATABASE_URL: databaseUrl,
    DATABASE_GATEWAY_URL: databaseUrl,
    DATABASE_ADMIN_URL: databaseUrl,
    FEDERATION_KEK: kek,
  });

/** The product's pool, vault and provider client on the bench database. */
export async function openOAuthBase(setup: OAuthSetup) {
  const { databaseUrl, kek, issuer } = setup;
  const pools = openPools({ appUrl: databaseUrl, gatewayUrl: databaseUrl, applicationName: "bench" });
  const provider = environmentKeyProvider({ current: new Secret(kek), previous: undefined });
  const { environment } = oauthConfig(setup);
  const vault = await createVault({ sql: pools.app, provider, environment });
  const log = pino({ level: "silent" });
  const means: RefreshMeans = { sql: pools.app, vault, oauth: createOAuthProvider({ issuer }), log };
  return { means, close: pools.close };
}

export function tokensOf(contender: OAuthContender, means: RefreshMeans) {
  return contender === "naive" ? createNaiveTokens(means) : createAccessTokens(means);
}
