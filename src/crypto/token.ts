import { type CryptoKey as JoseKey, decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { FederationError, unauthorized } from "../errors.ts";
import { fromBase64url } from "./encoding.ts";
import { kidShape, type SigningKey } from "./signing-key.ts";

export interface TokenClaims {
  sub: string;
  clientId: string;
  departmentId?: string | undefined;
  scopes: readonly string[];
}

export interface VerifiedToken extends TokenClaims {
  scopes: string[];
  jti: string;
  /** Seconds since 1970. */
  issuedAt: number;
  expiresAt: number;
}

const ttlSecondsMax = 900;
const skewSeconds = 5;
const lettersMax = 8192;

/** An at+jwt (RFC 9068) of at most 15 minutes, EdDSA. Throws `bad_ttl`. */
export async function signToken(options: {
  key: SigningKey;
  issuer: string;
  audience: string;
  claims: TokenClaims;
  ttlSeconds: number;
}): Promise<{ token: string; jti: string; expiresAt: number }> {
  const { key, issuer, audience, claims, ttlSeconds } = options;
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > ttlSecondsMax)
    throw new FederationError("bad_ttl", "A token lives 1-900 s.");
  const now = Math.floor(Date.now() / 1000);
  const jti = Bun.randomUUIDv7();
  const department = claims.departmentId === undefined ? {} : { department: claims.departmentId };
  const token = await new SignJWT({
    client_id: claims.clientId,
    scope: claims.scopes.join(" "),
    ...department,
  })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: key.kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(claims.sub)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
    .setJti(jti)
    .sign(key.key);
  return { token, jti, expiresAt: now + ttlSeconds };
}

const header = z.strictObject({
  alg: z.literal("EdDSA"),
  typ: z.literal("at+jwt"),
  kid: z.string().regex(kidShape),
});
const payload = z.object({
  sub: z.string().min(1),
  client_id: z.string().min(1),
  department: z.uuid().optional(),
  scope: z.string(),
  jti: z.uuid(),
  iat: z.number().int(),
  exp: z.number().int(),
});

/**
 * Checks an access token: exactly one spelling (jose alone accepts several), exactly our header, our issuer and
 * audience, at most 5 s of clock skew. Throws 401 `invalid_token` with a private cause; what `keys` throws passes.
 */
export async function verifyToken(
  text: string,
  options: {
    keys(kid: string): Promise<JoseKey | undefined>;
    issuer: string;
    audience: string;
    now?: Date;
  },
): Promise<VerifiedToken> {
  const kid = readKid(text);
  const key = await options.keys(kid);
  try {
    if (!key) throw new Error("unknown kid");
    const verified = await jwtVerify(text, key, {
      issuer: options.issuer,
      audience: options.audience,
      algorithms: ["EdDSA"],
      typ: "at+jwt",
      clockTolerance: skewSeconds,
      requiredClaims: ["iss", "aud", "exp", "iat", "sub", "jti"],
      ...(options.now && { currentDate: options.now }),
    });
    return verifiedOf(payload.parse(verified.payload), options.now ?? new Date());
  } catch (cause) {
    throw refused(cause);
  }
}

function readKid(text: string): string {
  try {
    checkSpelling(text);
    return header.parse(decodeProtectedHeader(text)).kid;
  } catch (cause) {
    throw refused(cause);
  }
}

function checkSpelling(text: string): void {
  if (text.length > lettersMax) throw new Error("too long");
  const parts = text.split(".");
  const canonical = parts.every((part) => part !== "" && fromBase64url(part) !== undefined);
  if (parts.length !== 3 || !canonical) throw new Error("not canonical");
}

function refused(cause: unknown): FederationError {
  const error = unauthorized("invalid_token", "The access token is not valid.");
  error.cause = cause;
  return error;
}

function verifiedOf(claims: z.infer<typeof payload>, now: Date): VerifiedToken {
  if (claims.exp - claims.iat > ttlSecondsMax) throw new Error("lives too long");
  if (claims.iat > now.getTime() / 1000 + skewSeconds) throw new Error("issued in the future");
  return {
    sub: claims.sub,
    clientId: claims.client_id,
    departmentId: claims.department,
    scopes: claims.scope.split(" ").filter((scope) => scope !== ""),
    jti: claims.jti,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
  };
}
