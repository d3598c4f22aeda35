import { FederationError } from "../errors.ts";
import { decrypt, encrypt } from "./aead.ts";
import { fromBase64url, lengthPrefixed } from "./encoding.ts";

export interface DataKey {
  id: string;
  bytes: Uint8Array;
}

/** Where a ciphertext belongs: moved anywhere else it does not open. */
export interface SealPlace {
  environment: string;
  /** Empty for the platform's own. */
  departmentId: string;
  table: string;
  column: string;
  rowId: string;
  rowVersion: number;
}

const format = "fedc1";
const algorithm = "a256gcm";

/** `fedc1.a256gcm.<key id>.<base64url(nonce ‖ ciphertext ‖ tag)>`, bound to its place. */
export function seal(key: DataKey, place: SealPlace, plaintext: string): string {
  const sealed = encrypt(key.bytes, Buffer.from(plaintext, "utf8"), aadOf(key.id, place));
  return `${format}.${algorithm}.${key.id}.${sealed.toString("base64url")}`;
}

/** Opens what `seal` made with this key at this place. Throws `vault_open_failed`, which never says why. */
export function open(key: DataKey, place: SealPlace, sealed: string): string {
  const { keyId, bytes } = parseSealed(sealed);
  const plaintext = keyId === key.id ? decrypt(key.bytes, bytes, aadOf(key.id, place)) : undefined;
  if (!plaintext) throw openFailed();
  return plaintext.toString("utf8");
}

/** The id of the data key a ciphertext needs. Throws `vault_open_failed` for what is no ciphertext of ours. */
export function parseSealed(sealed: string): { keyId: string; bytes: Buffer } {
  const [prefix, name, keyId, body, ...rest] = sealed.split(".");
  const bytes = body === undefined ? undefined : fromBase64url(body);
  if (prefix !== format || name !== algorithm || !keyId || !bytes || rest.length > 0) throw openFailed();
  return { keyId, bytes };
}

function aadOf(keyId: string, place: SealPlace): Buffer {
  const { environment, departmentId, table, column, rowId, rowVersion } = place;
  return lengthPrefixed([
    "federation",
    1,
    algorithm,
    keyId,
    environment,
    departmentId,
    table,
    column,
    rowId,
    rowVersion,
  ]);
}

const openFailed = () => new FederationError("vault_open_failed", "A sealed value could not be opened.");
