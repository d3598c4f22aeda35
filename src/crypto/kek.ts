import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { FederationError } from "../errors.ts";
import { decrypt, encrypt } from "./aead.ts";
import { fromBase64url, keyBytes, lengthPrefixed } from "./encoding.ts";
import type { Secret } from "./secret.ts";

/** What a wrapped data key is for; part of its AAD. */
export interface WrapContext {
  environment: string;
  /** Empty for the platform's own. */
  departmentId: string;
  purpose: string;
  dataKeyId: string;
}

/** Holds the key-encryption key, which wraps data keys and never seals data. */
export interface KeyProvider {
  readonly currentId: string;
  /** The current one first. */
  readonly knownIds: readonly string[];
  wrap(key: Uint8Array, context: WrapContext): Promise<string>;
  /** Throws `kek_unknown` when the wrapping KEK is not at hand, `vault_open_failed` when it does not open. */
  unwrap(wrapped: string, context: WrapContext): Promise<Buffer>;
  /** A constant of the current KEK, or of another known one, that gives nothing of it away. */
  checkValue(kekId?: string): Promise<string>;
}

const format = "fedk1";

/** The KEK from the environment: 32 bytes as hex or base64url; `previous` opens what is not re-wrapped yet. */
export function environmentKeyProvider(keks: {
  current: Secret<string>;
  previous?: Secret<string> | undefined;
}): KeyProvider {
  const known = [keks.current, keks.previous].flatMap((kek) => (kek ? [keyOf(kek)] : []));
  const [current] = known;
  if (!current) throw new FederationError("bad_key", "There is no current KEK.");
  return {
    currentId: current.id,
    knownIds: known.map((kek) => kek.id),
    wrap(key, context) {
      const body = encrypt(current.bytes, key, aadOf(current.id, context)).toString("base64url");
      return Promise.resolve(`${format}.${current.id}.${body}`);
    },
    unwrap: async (wrapped, context) => unwrap(known, wrapped, context),
    async checkValue(kekId = current.id) {
      const kek = known.find((candidate) => candidate.id === kekId);
      if (!kek) throw kekUnknown();
      return derive(kek.bytes, "federation kek check").toString("base64url");
    },
  };
}

/** A new KEK, as base64url. */
export function generateKek(): string {
  return randomBytes(32).toString("base64url");
}

/** Ends the start of a process whose KEK is not the one the data was sealed with. Throws `kek_wrong`. */
export async function checkKek(stored: string, provider: KeyProvider, kekId?: string): Promise<void> {
  const own = Buffer.from(await provider.checkValue(kekId));
  const expected = Buffer.from(stored);
  if (own.length === expected.length && timingSafeEqual(own, expected)) return;
  throw kekWrong();
}

interface Kek {
  id: string;
  bytes: Buffer;
}

function keyOf(kek: Secret<string>): Kek {
  const bytes = keyBytes(kek.reveal());
  return { id: derive(bytes, "federation kek id").toString("hex").slice(0, 8), bytes };
}

function unwrap(known: Kek[], wrapped: string, context: WrapContext): Buffer {
  const [prefix, id, body, ...rest] = wrapped.split(".");
  const bytes = body === undefined ? undefined : fromBase64url(body);
  const kek = known.find((candidate) => candidate.id === id);
  if (prefix !== format || !bytes || rest.length > 0) throw openFailed();
  if (!kek) throw kekUnknown();
  const key = decrypt(kek.bytes, bytes, aadOf(kek.id, context));
  if (key?.length !== 32) throw openFailed();
  return key;
}

function aadOf(kekId: string, { environment, departmentId, purpose, dataKeyId }: WrapContext): Buffer {
  return lengthPrefixed(["federation", 1, "a256gcm", kekId, environment, departmentId, purpose, dataKeyId]);
}

const derive = (key: Uint8Array, label: string) => createHmac("sha256", key).update(label).digest();
export const kekWrong = () =>
  new FederationError("kek_wrong", "FEDERATION_KEK is not the key this database was sealed with.");
const kekUnknown = () =>
  new FederationError("kek_unknown", "The KEK that wraps a data key is not configured.");
const openFailed = () => new FederationError("vault_open_failed", "A wrapped key could not be opened.");
