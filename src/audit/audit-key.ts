import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { z } from "zod";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { FederationError } from "../errors.ts";

/** Signs checkpoints and exports, nothing else; its public half is kept for ever. */
export interface AuditKey {
  keyId: string;
  /** Raw Ed25519, base64url. */
  publicKey: string;
  sign(text: string): string;
}

const jwk = z.object({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string(), d: z.string() });

/** The active key; made by whoever needs it first. */
export async function openAuditKey(sql: Sql, vault: Pick<Vault, "seal" | "open">): Promise<AuditKey> {
  const row = (await selectActive(sql)) ?? (await createKey(sql, vault));
  const text = await vault.open(placeOf(row.key_id), row.private_sealed);
  const key = createPrivateKey({ key: jwk.parse(JSON.parse(text)), format: "jwk" });
  return { keyId: row.key_id, publicKey: row.public_key, sign: (message) => signText(message, key) };
}

/** Public halves by key id, of all keys there ever were. */
export async function auditPublicKeys(sql: Sql): Promise<Map<string, string>> {
  const rows = await sql<{ key_id: string; public_key: string }[]>`
    select key_id, public_key from federation.audit_key order by created_at`;
  return new Map(rows.map(({ key_id, public_key }) => [key_id, public_key]));
}

interface KeyRow {
  key_id: string;
  public_key: string;
  private_sealed: string;
}

async function selectActive(sql: Sql): Promise<KeyRow | undefined> {
  const [row] = await sql<KeyRow[]>`
    select key_id, public_key, private_sealed from federation.audit_key where retired_at is null`;
  return row;
}

/** Many processes may begin at once: one key wins, the others are never used. */
async function createKey(sql: Sql, vault: Pick<Vault, "seal">): Promise<KeyRow> {
  const keyId = randomBytes(12).toString("base64url");
  const made = jwk.parse(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));
  const sealed = await vault.seal(placeOf(keyId), JSON.stringify(made));
  await sql`
    insert into federation.audit_key (key_id, public_key, private_sealed) values (${keyId}, ${made.x}, ${sealed})
    on conflict do nothing`;
  const row = await selectActive(sql);
  if (!row) throw new FederationError("audit_key_missing", "There is no key to sign checkpoints with.");
  return row;
}

const signText = (text: string, key: KeyObject) => sign(null, Buffer.from(text), key).toString("base64url");
const placeOf = (keyId: string) => ({ table: "audit_key", column: "private_sealed", rowId: keyId });
