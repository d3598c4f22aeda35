import { createHash, createHmac } from "node:crypto";
import { FederationError } from "../errors.ts";

/** A question as it is sealed; the database makes the same bytes (sql/0007). Ids are uuids, times microseconds. */
export interface CallToSeal {
  caller: string;
  /** The API key that asks. */
  client: string;
  requestId: string;
  expiresUs: bigint;
  /** Id or slug, as it was typed. */
  target: string;
  kind: string;
  /** JSON texts. */
  params: string;
  reason: string;
  requester: string;
}

export interface Sealer {
  sealCall(call: CallToSeal): Buffer;
  /** The text of the setting `gateway.seal` that lets a transaction act for its own department. */
  sealOwn(departmentId: string, expiresUs: bigint): string;
}

const blockBytes = 64;
const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** HMAC-SHA256 seals with a 32-byte key. They throw `bad_uuid` for an id that is not one. */
export function createSealer(key: Uint8Array): Sealer {
  return {
    sealCall({ caller, client, requestId, expiresUs, target, kind, params, reason, requester }) {
      const hmac = createHmac("sha256", key);
      for (const part of [uuidBytes(caller), uuidBytes(client), uuidBytes(requestId), int8(expiresUs)])
        hmac.update(part);
      for (const text of [target, kind, params, reason, requester])
        hmac.update(createHash("sha256").update(text, "utf8").digest());
      return hmac.digest();
    },
    sealOwn(departmentId, expiresUs) {
      const hmac = createHmac("sha256", key).update(uuidBytes(departmentId)).update(int8(expiresUs));
      return `${expiresUs}.${hmac.digest("hex")}`;
    },
  };
}

/** The two padded blocks of HMAC (RFC 2104), which is all the database needs to check a seal. */
export function padsOf(key: Uint8Array): { inner: Buffer; outer: Buffer } {
  const block = Buffer.concat([Buffer.from(key), Buffer.alloc(blockBytes - key.length)]);
  return {
    inner: block.map((byte) => byte ^ 0x36) as Buffer,
    outer: block.map((byte) => byte ^ 0x5c) as Buffer,
  };
}

/** Exactly 16 bytes: a shorter id would let the next one's bytes take its place in the message. */
function uuidBytes(uuid: string): Buffer {
  if (!uuidShape.test(uuid)) throw new FederationError("bad_uuid", "What is sealed is named by uuids.");
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

function int8(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
