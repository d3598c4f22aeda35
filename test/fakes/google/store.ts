// What the fake remembers. Grants hang on (project, account), tokens on (client, account), as at Google.
import { randomBytes } from "node:crypto";

export interface FakeClient {
  clientId: string;
  clientSecret: string;
  project: string;
  redirectUris: string[];
  /** `deleted_client`, `invalid_client` for one that is unknown. */
  isDeleted?: boolean;
}

export interface Account {
  subject: string;
  email: string;
  hostedDomain?: string;
}

export interface RefreshToken {
  token: string;
  clientId: string;
  subject: string;
  scopes: string[];
  /** Set where the provider rotates: the token that takes this one's place. */
  replacedBy?: RefreshToken;
  /** The first token of the line: what a test counts by. */
  origin: string;
}

export interface Code {
  clientId: string;
  redirectUri: string;
  challenge: string | undefined;
  nonce: string | undefined;
  scopes: string[];
  account: Account;
  isOffline: boolean;
}

export type Store = ReturnType<typeof createStore>;

/** Live refresh tokens per account and client; one more drops the oldest without a word. */
const refreshTokensMax = 100;

export function createStore() {
  const clients = new Map<string, FakeClient>();
  const refreshTokens = new Map<string, RefreshToken>();
  const held = new Map<string, RefreshToken[]>();
  const accessTokens = new Map<string, { clientId: string; subject: string }>();
  const codes = new Map<string, Code>();
  const consented = new Set<string>();

  return {
    clients,
    refreshTokens,
    accessTokens,
    codes,
    /** Whether this is the first consent of the account to the client. */
    consent(clientId: string, subject: string): boolean {
      const key = `${clientId} ${subject}`;
      return !consented.has(key) && Boolean(consented.add(key));
    },
    addRefreshToken(clientId: string, subject: string, scopes: string[], origin?: string): RefreshToken {
      const token = `1//${randomBytes(32).toString("base64url")}`;
      const added = { token, clientId, subject, scopes, origin: origin ?? token };
      refreshTokens.set(token, added);
      const key = `${clientId} ${subject}`;
      const live = [...(held.get(key) ?? []), added].filter((one) => refreshTokens.has(one.token));
      if (origin === undefined && live.length > refreshTokensMax)
        refreshTokens.delete(live.shift()?.token ?? "");
      held.set(key, live);
      return added;
    },
    /** What came of the same consent, where tokens are rotated. */
    lineOf: ({ clientId, subject, origin }: RefreshToken): RefreshToken[] =>
      (held.get(`${clientId} ${subject}`) ?? []).filter((one) => one.origin === origin),
    addAccessToken(clientId: string, subject: string): string {
      const token = `ya29.${randomBytes(32).toString("base64url")}`;
      accessTokens.set(token, { clientId, subject });
      return token;
    },
    /** All tokens of the account for every client of the project. Answers false for a token that is not known. */
    revoke(token: string): boolean {
      const found = refreshTokens.get(token) ?? accessTokens.get(token);
      if (!found) return false;
      const project = clients.get(found.clientId)?.project;
      for (const tokens of [refreshTokens, accessTokens]) {
        for (const [key, { clientId, subject }] of tokens) {
          if (subject === found.subject && clients.get(clientId)?.project === project) tokens.delete(key);
        }
      }
      for (const key of consented) {
        const [clientId = "", subject] = key.split(" ");
        if (subject === found.subject && clients.get(clientId)?.project === project) consented.delete(key);
      }
      return true;
    },
  };
}
