import { FederationError } from "../errors.ts";

/** Every field with its length (uint32, big endian) before it: no two lists of fields give the same bytes. */
export function lengthPrefixed(fields: readonly (string | number | Uint8Array)[]): Buffer {
  const parts = fields.flatMap((field) => {
    const bytes = field instanceof Uint8Array ? Buffer.from(field) : Buffer.from(String(field), "utf8");
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts);
}

/** The bytes of canonical, unpadded base64url; undefined for any other spelling of them. */
export function fromBase64url(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

/** 32 bytes from 64 hex digits or 43 letters of base64url. Throws `bad_key`. */
export function keyBytes(text: string): Buffer {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, "hex") : fromBase64url(text);
  if (bytes?.length !== 32)
    throw new FederationError("bad_key", "A key is 32 bytes, as hex or unpadded base64url.");
  return bytes;
}
