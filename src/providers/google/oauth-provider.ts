import type { Secret } from "../../crypto/secret.ts";

/** The registered application at the provider. */
export interface OAuthProviderClient {
  clientId: string;
  clientSecret: Secret<string>;
}

export interface AuthorizeRequest {
  clientId: string;
  redirectUri: string;
  scopes: readonly string[];
  state: string;
  nonce: string;
  /** S256 of the verifier. */
  codeChallenge: string;
  loginHint?: string | undefined;
  /** Google's `hd`: only accounts of this Workspace domain are offered. */
  hostedDomain?: string | undefined;
}

export interface CodeExchange {
  client: OAuthProviderClient;
  code: string;
  verifier: string;
  redirectUri: string;
  nonce: string;
  /** The callback's `iss`, where the provider sends one (RFC 9207). */
  issuer?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface GrantedTokens {
  accessToken: Secret<string>;
  /** Google: only at the first consent, or with prompt=consent, which `authorizeUrl` always asks for. */
  refreshToken?: Secret<string>;
  expiresInSeconds: number;
  /** What was granted; may be less than what was asked for. */
  scopes: string[];
  subject?: string;
  /** Only one that the provider calls verified. */
  email?: string;
  hostedDomain?: string;
}

export interface RefreshedTokens {
  accessToken: Secret<string>;
  /** Providers that rotate: the old one is good no more. */
  refreshToken?: Secret<string>;
  expiresInSeconds: number;
  /** Left out: as before. */
  scopes?: string[];
}

/**
 * What the product needs of an OpenID provider. Every call takes 10 s at most, follows no redirect and reads a bounded
 * answer. All throw OAuthError; none of its words holds a code, token or secret.
 */
export interface OAuthProvider {
  authorizeUrl(request: AuthorizeRequest): Promise<URL>;
  exchangeCode(exchange: CodeExchange): Promise<GrantedTokens>;
  refresh(request: {
    client: OAuthProviderClient;
    refreshToken: Secret<string>;
    signal?: AbortSignal | undefined;
  }): Promise<RefreshedTokens>;
  /** Ends the grant of an access or refresh token; one that is gone already is no error. */
  revoke(request: {
    token: Secret<string>;
    /** Google asks for none; others do. */
    client?: OAuthProviderClient;
    signal?: AbortSignal | undefined;
  }): Promise<void>;
}
