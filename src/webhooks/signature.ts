/**
 * Standard Webhooks 1.0 (https://www.standardwebhooks.com), read strictly: one spelling of a timestamp, bounded headers,
 * `v1` only, raw bytes. A failure has one face, and takes the same work whatever was wrong.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Secret } from "../crypto/secret.ts";
import type { SigningKey } from "../crypto/signing-key.ts";
import { FederationError } from "../errors.ts";

/** What a message carries; the names of the headers are in `signatureHeaders`. */
export interface SignedMessage {
  id: string;
  timestamp: string;
  signature: string;
  body: Uint8Array;
}

export const signatureHeaders = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
} as const;

const prefix = "whsec_";
const secretBytes = 32;
const toleranceSeconds = 300;
const headerBytesMax = 4096;
const signaturesMax = 10;

/** A new `whsec_` secret: 32 random bytes in base64. */
export function createWebhookSecret(): Secret<string> {
  const bytes = crypto.getRandomValues(new Uint8Array(secretBytes));
  return new Secret(prefix + Buffer.from(bytes).toString("base64"));
}

/**
 * The headers of a message: one `v1` signature per secret (two while an old one still counts), and `v1a` (Ed25519) by
 * the installation's key. `timestamp` in seconds since 1970.
 */
export async function signMessage(
  { id, timestamp, body }: { id: string; timestamp: number; body: Uint8Array },
  { secrets, key }: { secrets: readonly Secret<string>[]; key: SigningKey },
): Promise<Record<string, string>> {
  const content = contentOf(id, String(timestamp), body);
  const symmetric = secrets.map((secret) => `v1,${hmac(secret, content)}`);
  const asymmetric = Buffer.from(await crypto.subtle.sign("Ed25519", key.key, content)).toString("base64");
  return {
    [signatureHeaders.id]: id,
    [signatureHeaders.timestamp]: String(timestamp),
    [signatureHeaders.signature]: [...symmetric, `v1a,${asymmetric}`].join(" "),
  };
}

/** Whether a message is fresh and signed with one of these secrets. Pass a secret of nobody's for an unknown sender. */
export function verifyMessage(
  message: SignedMessage,
  secrets: readonly Secret<string>[],
  nowSeconds = Date.now() / 1000,
): boolean {
  const { id, timestamp, signature, body } = message;
  const sane =
    /^[A-Za-z0-9_:-]{1,255}$/.test(id) &&
    /^[0-9]{1,11}$/.test(timestamp) &&
    Math.abs(nowSeconds - Number(timestamp)) <= toleranceSeconds &&
    Buffer.byteLength(signature) <= headerBytesMax &&
    signature.split(" ", signaturesMax + 1).length <= signaturesMax;
  const content = contentOf(id.slice(0, 255), timestamp.slice(0, 11), body);
  const given = signature.slice(0, headerBytesMax).split(" ").slice(0, signaturesMax);
  let found = false;
  for (const secret of secrets) {
    const expected = Buffer.from(`v1,${hmac(secret, content)}`);
    for (const text of given) {
      const bytes = Buffer.from(text);
      found = (bytes.length === expected.length && timingSafeEqual(bytes, expected)) || found;
    }
  }
  return sane && found;
}

/** An id has no dot, so that the parts cannot be cut in another place. */
const contentOf = (id: string, timestamp: string, body: Uint8Array) =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);

function hmac(secret: Secret<string>, content: Uint8Array): string {
  const text = secret.reveal();
  const key = Buffer.from(text.slice(prefix.length), "base64");
  if (!text.startsWith(prefix) || key.length !== secretBytes)
    throw new FederationError("bad_key", "A webhook's secret is whsec_ and 32 bytes in base64.");
  return createHmac("sha256", key).update(content).digest("base64");
}
