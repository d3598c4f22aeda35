import { createHash, randomInt, timingSafeEqual } from "node:crypto";
import { crc32 } from "node:zlib";
import { unauthorized } from "../errors.ts";
import { Secret } from "./secret.ts";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const idLetters = 8;
/** 62^43 > 2^256. */
const secretLetters = 43;
const checkLetters = 6;
const environments = { development: "dev", staging: "stg", production: "prod" } as const;
const shape = /^fed_(dev|stg|prod)_([0-9A-Za-z]{8})_([0-9A-Za-z]{43})_([0-9A-Za-z]{6})$/;

export interface MintedApiKey {
  /** Public part: names the row. */
  id: string;
  /** The whole key; shown once. */
  text: Secret<string>;
  /** What is stored. */
  secretHash: Buffer;
}

/** A new `fed_<env>_<id8>_<secret>_<crc6>`. */
export function mintApiKey(environment: keyof typeof environments): MintedApiKey {
  const id = randomLetters(idLetters);
  const secret = randomLetters(secretLetters);
  const body = `fed_${environments[environment]}_${id}_${secret}`;
  return { id, text: new Secret(`${body}_${checksum(body)}`), secretHash: hashSecret(secret) };
}

/**
 * Its parts, once shape, checksum and (where given) environment fit: a typo or another installation's key never reaches
 * the database. Throws 401 `invalid_key`.
 */
export function parseApiKey(
  text: string,
  environment?: keyof typeof environments,
): { id: string; secret: string } {
  const [, short, id, secret, check] = shape.exec(text) ?? [];
  const foreign = environment !== undefined && short !== environments[environment];
  if (!id || !secret || foreign || check !== checksum(text.slice(0, -checkLetters - 1))) {
    throw unauthorized("invalid_key", "The API key is not valid.");
  }
  return { id, secret };
}

function hashSecret(secret: string): Buffer {
  return createHash("sha256").update(secret, "utf8").digest();
}

/** Compares in constant time. */
export function matchesHash(secret: string, storedHash: Uint8Array): boolean {
  const own = hashSecret(secret);
  return storedHash.length === own.length && timingSafeEqual(own, storedHash);
}

function randomLetters(count: number): string {
  return Array.from({ length: count }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}

/** CRC-32 of everything before the last underscore, six letters of base62, zero-padded. */
function checksum(body: string): string {
  let rest = crc32(body);
  let letters = "";
  for (let place = 0; place < checkLetters; place++) {
    letters = alphabet.charAt(rest % alphabet.length) + letters;
    rest = Math.floor(rest / alphabet.length);
  }
  return letters;
}
