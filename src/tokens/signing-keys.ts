import {
  generateSigningKey,
  importPublicKey,
  importSigningKey,
  type PublicKey,
  type SigningKey,
} from "../crypto/signing-key.ts";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import { signingKeyPlace } from "./signing-key-place.ts";
import { acceptedSeconds, keptSeconds } from "./signing-key-times.ts";

export interface SigningKeys {
  /** The key that signs now; made by whoever needs it first. */
  active(): Promise<SigningKey>;
  /** The public key with this id, while tokens of it may live: later its tokens are refused. */
  publicKey(kid: string): Promise<CryptoKey | undefined>;
  /** RFC 7517; retired keys too, for the certificates they signed. */
  jwks(): Promise<{ keys: PublicKey[] }>;
}

interface Known {
  active: SigningKey;
  published: PublicKey[];
  imported: Map<string, CryptoKey>;
}

const freshMs = keptSeconds * 1000;
/** An unknown kid may be a new key: looked up again, but not for every forged token. */
const retryMs = 1000;

/** The installation's token keys, read when first asked for and again every minute. Private keys are sealed at rest. */
export function createSigningKeys({
  sql,
  vault,
}: {
  sql: Sql;
  vault: Pick<Vault, "seal" | "open">;
}): SigningKeys {
  let known: Promise<Known> | undefined;
  let loadedAt = 0;
  const load = (maxAgeMs: number): Promise<Known> => {
    if (known && performance.now() - loadedAt < maxAgeMs) return known;
    loadedAt = performance.now();
    const loading = readKeys(sql, vault);
    loading.catch(() => known === loading && (known = undefined));
    return (known = loading);
  };
  return {
    active: async () => (await load(freshMs)).active,
    async publicKey(kid) {
      const { imported } = await load(freshMs);
      return imported.get(kid) ?? (await load(retryMs)).imported.get(kid);
    },
    jwks: async () => ({ keys: (await load(freshMs)).published }),
  };
}

interface KeyRow {
  kid: string;
  public_jwk: PublicKey;
  private_sealed: string | null;
  status: "published" | "active" | "retired";
  accepted: boolean;
}

async function readKeys(sql: Sql, vault: Pick<Vault, "seal" | "open">): Promise<Known> {
  const rows = await selectKeys(sql);
  if (!rows.some((row) => row.status === "active")) {
    await createActive(sql, vault);
    rows.splice(0, rows.length, ...(await selectKeys(sql)));
  }
  const row = rows.find((candidate) => candidate.status === "active");
  if (!row?.private_sealed) throw new FederationError("signing_key_missing", "There is no key to sign with.");
  const active = await importSigningKey(
    row.kid,
    await vault.open(signingKeyPlace(row.kid), row.private_sealed),
  );
  const accepted = rows.filter((key) => key.accepted);
  const imported = await Promise.all(
    accepted.map(async ({ kid, public_jwk }): Promise<[string, CryptoKey]> => [
      kid,
      await importPublicKey(public_jwk),
    ]),
  );
  return { active, published: rows.map((key) => key.public_jwk), imported: new Map(imported) };
}

async function selectKeys(sql: Sql): Promise<KeyRow[]> {
  const rows = await sql<KeyRow[]>`
    select kid, public_jwk, private_sealed, status,
      status <> 'retired' or retired_at > clock_timestamp() - make_interval(secs => ${acceptedSeconds}) as accepted
    from federation.signing_key order by created_at, kid`;
  return [...rows];
}

/** Many processes may start at once: one key wins, the others are never used. */
async function createActive(sql: Sql, vault: Pick<Vault, "seal">): Promise<void> {
  const { kid, publicKey, privateJwk } = await generateSigningKey();
  const sealed = await vault.seal(signingKeyPlace(kid), privateJwk.reveal());
  await sql`
    insert into federation.signing_key (kid, public_jwk, private_sealed, status)
    values (${kid}, ${sql.json({ ...publicKey })}, ${sealed}, 'active') on conflict do nothing`;
}
