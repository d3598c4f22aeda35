// What the product relies on of an OpenID provider, for Google's fake and a real one alike.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import * as oauth from "oauth4webapi";
import { Secret } from "../../src/crypto/secret.ts";
import { createOAuthProvider } from "../../src/providers/google/create-oauth-provider.ts";
import { OAuthError } from "../../src/providers/google/oauth-error.ts";
import type {
  GrantedTokens,
  OAuthProvider,
  OAuthProviderClient,
} from "../../src/providers/google/oauth-provider.ts";

/** A provider that serves, with a client registered and a person who consents to everything. */
export interface OAuthWorld {
  issuer: string;
  client: { clientId: string; clientSecret: string };
  redirectUri: string;
  scopes: readonly string[];
  /** Whether it demands the client's credentials for a revocation. */
  revokesForClient: boolean;
  /** Goes where a browser goes, until it is sent back to the client. */
  visit(url: URL): Promise<URL>;
  close(): Promise<void>;
}

export function oauthProviderContract(name: string, start: () => Promise<OAuthWorld>): void {
  describe(name, () => {
    let world: OAuthWorld;
    let provider: OAuthProvider;
    let client: OAuthProviderClient;
    beforeAll(async () => {
      world = await start();
      provider = createOAuthProvider({ issuer: world.issuer });
      client = { clientId: world.client.clientId, clientSecret: new Secret(world.client.clientSecret) };
    });
    afterAll(() => world.close());

    async function consent(nonce = "a-nonce") {
      const verifier = oauth.generateRandomCodeVerifier();
      const url = await provider.authorizeUrl({
        clientId: client.clientId,
        redirectUri: world.redirectUri,
        scopes: world.scopes,
        state: "a-state",
        nonce,
        codeChallenge: await oauth.calculatePKCECodeChallenge(verifier),
      });
      const back = (await world.visit(url)).searchParams;
      expect(back.get("state")).toBe("a-state");
      return { code: back.get("code") ?? "", issuer: back.get("iss") ?? undefined, verifier };
    }

    async function tokens(): Promise<GrantedTokens & { refreshToken: Secret<string> }> {
      const answer = await consent();
      const request = { ...answer, client, redirectUri: world.redirectUri, nonce: "a-nonce" };
      const { refreshToken, ...granted } = await provider.exchangeCode(request);
      if (!refreshToken) throw new Error("no refresh token");
      return { ...granted, refreshToken };
    }

    const revoke = (token: Secret<string>) =>
      provider.revoke({ token, ...(world.revokesForClient && { client }) });

    test("a consent with PKCE becomes tokens, the scopes granted and who consented", async () => {
      const granted = await tokens();
      expect(granted.scopes.toSorted()).toEqual([...world.scopes].toSorted());
      expect(granted.subject).toEqual(expect.any(String));
      expect(granted.expiresInSeconds).toBeGreaterThan(0);
      expect(granted.accessToken.reveal()).not.toBe("");
    });

    test("a refresh gives another access token, again and again", async () => {
      const granted = await tokens();
      const first = await provider.refresh({ client, refreshToken: granted.refreshToken });
      const next = first.refreshToken ?? granted.refreshToken;
      const second = await provider.refresh({ client, refreshToken: next });
      const texts = [granted, first, second].map(({ accessToken }) => accessToken.reveal());
      expect(new Set(texts).size).toBe(3);
      expect(second.expiresInSeconds).toBeGreaterThan(0);
    });

    test("a code without its verifier is worth nothing", async () => {
      const answer = { ...(await consent()), verifier: oauth.generateRandomCodeVerifier() };
      await expectRefusal("reconsent", () =>
        provider.exchangeCode({ ...answer, client, redirectUri: world.redirectUri, nonce: "a-nonce" }),
      );
    });

    test("a code counts once", async () => {
      const request = { ...(await consent()), client, redirectUri: world.redirectUri, nonce: "a-nonce" };
      await provider.exchangeCode(request);
      await expectRefusal("reconsent", () => provider.exchangeCode(request));
    });

    test("an id token for another nonce is refused", async () => {
      const answer = await consent("another-nonce");
      await expectRefusal("refused", () =>
        provider.exchangeCode({ ...answer, client, redirectUri: world.redirectUri, nonce: "a-nonce" }),
      );
    });

    test("an answer of another issuer is refused before its code is used", async () => {
      const answer = { ...(await consent()), issuer: "https://evil.example" };
      await expectRefusal("refused", () =>
        provider.exchangeCode({ ...answer, client, redirectUri: world.redirectUri, nonce: "a-nonce" }),
      );
    });

    test("a revoked grant asks for a new consent; revoking it again is no error", async () => {
      const { refreshToken } = await tokens();
      await revoke(refreshToken);
      await expectRefusal("reconsent", () => provider.refresh({ client, refreshToken }));
      await revoke(refreshToken);
    });

    test("a refresh token that never was asks for a new consent", async () => {
      const refreshToken = new Secret("1//never-was");
      await expectRefusal("reconsent", () => provider.refresh({ client, refreshToken }));
    });

    test("a wrong client secret and an unknown client are the client's fault", async () => {
      const { refreshToken } = await tokens();
      const wrong = { ...client, clientSecret: new Secret("a-wrong-client-secret") };
      await expectRefusal("client_broken", () => provider.refresh({ client: wrong, refreshToken }));
      const unknown = { ...client, clientId: "nobody" };
      await expectRefusal("client_broken", () => provider.refresh({ client: unknown, refreshToken }));
    });

    /** The class, and no secret in anything that could be logged. */
    async function expectRefusal(kind: OAuthError["kind"], call: () => Promise<unknown>): Promise<void> {
      const error: unknown = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof OAuthError)) throw new Error(`no OAuthError but ${String(error)}`);
      expect(error.kind).toBe(kind);
      const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
      expect(shown).not.toContain(world.client.clientSecret);
      expect(shown).not.toMatch(/1\/\/|4\/|ya29|a-wrong-client-secret|never-was/);
    }
  });
}
