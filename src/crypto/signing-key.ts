import { exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { FederationError } from "../errors.ts";
import { Secret } from "./secret.ts";

/** What the JWKS publishes of a key. */
export interface PublicKey {
  kty: "OKP";
  crv: "Ed25519";
  x: string;
  kid: string;
  alg: "EdDSA";
  use: "sig";
}

export interface GeneratedSigningKey {
  kid: string;
  publicKey: PublicKey;
  /** The private JWK as JSON text. */
  privateJwk: Secret<string>;
}

/** A key ready to sign with. */
export interface SigningKey {
  kid: string;
  key: CryptoKey;
}

export const kidShape = /^[A-Za-z0-9_-]{1,64}$/;

/** A new Ed25519 key pair; `kid` is random, so that it says nothing. */
export async function generateSigningKey(): Promise<GeneratedSigningKey> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString("base64url");
  return { kid, publicKey: publicOf(jwk, kid), privateJwk: new Secret(JSON.stringify(jwk)) };
}

export async function importSigningKey(kid: string, privateJwk: string): Promise<SigningKey> {
  return { kid, key: await importKey(JSON.parse(privateJwk)) };
}

export function importPublicKey(key: PublicKey): Promise<CryptoKey> {
  return importKey({ kty: key.kty, crv: key.crv, x: key.x });
}

async function importKey(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, "EdDSA");
  if (key instanceof Uint8Array)
    throw new FederationError("bad_key", "The signing key is not an Ed25519 key.");
  return key;
}

function publicOf(jwk: JWK, kid: string): PublicKey {
  if (!jwk.x) throw new FederationError("bad_key", "The signing key is not an Ed25519 key.");
  return { kty: "OKP", crv: "Ed25519", x: jwk.x, kid, alg: "EdDSA", use: "sig" };
}
