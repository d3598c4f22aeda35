// Refresh as it is usually written: whoever sees an expired token asks for a new one and stores what comes.
import { readCredential } from "../../src/credentials/credential-row.ts";
import { clientSecretPlace, credentialPlace } from "../../src/credentials/places.ts";
import type { RefreshMeans } from "../../src/credentials/refresh.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { OAuthError } from "../../src/providers/google/oauth-error.ts";
import type { RefreshedTokens } from "../../src/providers/google/oauth-provider.ts";

export function createNaiveTokens({ sql, vault, oauth }: RefreshMeans) {
  async function get(id: string): Promise<{ token: Secret<string> }> {
    const row = await readCredential(sql, id);
    if (!row?.refreshSealed || row.status !== "active") throw new Error("needs consent");
    const place = (column: "access_sealed" | "refresh_sealed") =>
      credentialPlace(row.departmentId, id, column);
    if ((row.accessLeft ?? 0) >= 60) {
      return { token: new Secret(await vault.open(place("access_sealed"), row.accessSealed ?? "")) };
    }
    const refreshToken = new Secret(await vault.open(place("refresh_sealed"), row.refreshSealed));
    const clientSecret = new Secret(
      await vault.open(clientSecretPlace(row.clientRow ?? ""), row.clientSecretSealed ?? ""),
    );
    const client = { clientId: row.clientId ?? "", clientSecret };
    const tokens = await oauth.refresh({ client, refreshToken }).catch(async (error: unknown) => {
      if (error instanceof OAuthError && error.kind === "reconsent") {
        await sql`update federation.credential set status = 'needs_consent', failure_code = ${error.reason} where id = ${id}`;
      }
      throw error;
    });
    await store(id, tokens, place);
    return { token: tokens.accessToken };
  }

  async function store(
    id: string,
    tokens: RefreshedTokens,
    place: (column: "access_sealed" | "refresh_sealed") => ReturnType<typeof credentialPlace>,
  ): Promise<void> {
    const access = await vault.seal(place("access_sealed"), tokens.accessToken.reveal());
    const refresh =
      tokens.refreshToken && (await vault.seal(place("refresh_sealed"), tokens.refreshToken.reveal()));
    await sql`
      update federation.credential set access_sealed = ${access},
        access_expires_at = clock_timestamp() + make_interval(secs => ${tokens.expiresInSeconds}),
        next_refresh_at = clock_timestamp() + make_interval(secs => ${tokens.expiresInSeconds - 450}),
        refresh_sealed = coalesce(${refresh ?? null}, refresh_sealed)
      where id = ${id}`;
  }

  return {
    get,
    renew: (id: string) =>
      get(id).then(
        () => {},
        () => {},
      ),
    close: () => Promise.resolve(),
  };
}
