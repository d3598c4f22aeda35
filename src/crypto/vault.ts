/**
 * Seals and opens values with data keys that only the KEK outside the database can unwrap. One key per department (and
 * one for the platform); a department's values are gone for good once its wrapped key is destroyed. Unwrapped keys
 * stay in this process only, and for a second.
 */
import type { Sql, Tx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import {
  activeKeyId,
  dataPurpose,
  ensureDataKey,
  loadKey,
  replaceDataKey,
  rewrapKey,
  sealPurpose,
  type WrappedKey,
} from "./data-keys.ts";
import { createGatewaySealer, type GatewaySealer } from "./gateway-sealer.ts";
import type { KeyProvider } from "./kek.ts";
import { checkStoredKek, registerKek } from "./kek-check.ts";
import { padsOf } from "./call-seal.ts";
import { type DataKey, open, parseSealed, seal } from "./seal.ts";

/** Where a value lives; left out `departmentId` = the platform. */
export interface VaultPlace {
  departmentId?: string | undefined;
  table: string;
  column: string;
  rowId: string;
  /** For rows that are sealed again and again; 0 for those that are not. */
  rowVersion?: number;
}

export interface SealedValue {
  place: VaultPlace;
  sealed: string;
}

export interface ReplacedKey {
  fromId: string;
  toId: string;
}

export interface Vault extends GatewaySealer {
  seal(place: VaultPlace, plaintext: string): Promise<string>;
  /** Throws `vault_open_failed` for another place, key or bit; `vault_key_destroyed` after a crypto-shred. */
  open(place: VaultPlace, sealed: string): Promise<string>;
  ensureDepartmentKey(tx: Tx, departmentId: string): Promise<{ id: string; created: boolean }>;
  /** Answers the ids of the keys that are no more. */
  destroyDepartmentKeys(tx: Tx, departmentId: string): Promise<string[]>;
  rotation: VaultRotation;
}

/** What the rotation of keys needs of the vault (src/keys). */
export interface VaultRotation {
  kekId: string;
  /** A new key for all that is sealed from now on; undefined when there is none to replace. */
  replaceDataKey(tx: Tx, departmentId: string | undefined): Promise<ReplacedKey | undefined>;
  /** The same for the gateway's seals, with the pads by which the database checks them. */
  replaceSealingKey(tx: Tx): Promise<(ReplacedKey & { inner: Buffer; outer: Buffer }) | undefined>;
  /** All values of one owner under another of its keys; undefined for one that does not open. */
  reseal(
    keys: ReplacedKey & { departmentId: string | undefined },
    values: readonly SealedValue[],
  ): Promise<(string | undefined)[]>;
  rewrap(keys: readonly WrappedKey[]): Promise<string[]>;
  registerKek(tx: Tx): Promise<void>;
}

interface VaultOptions {
  sql: Sql;
  provider: KeyProvider;
  environment: string;
}

/** A key destroyed by one process opens nothing in another one a second later. */
const keptMs = 900;

/**
 * Throws `kek_wrong` with another KEK than the database's, `kek_unknown` without one that is still needed,
 * `not_initialised` before `fed migrate` made the keys.
 */
export async function createVault(options: VaultOptions): Promise<Vault> {
  const { sql, provider, environment } = options;
  await checkStoredKek(sql, provider);
  const sealer = await createGatewaySealer(sql, options);
  const cache = new Map<string, { key: DataKey; atMs: number }>();
  const placeOf = (place: VaultPlace) => ({
    ...place,
    environment,
    departmentId: place.departmentId ?? "",
    rowVersion: place.rowVersion ?? 0,
  });
  const keyById = async (id: string, departmentId: string | undefined) => {
    const kept = cache.get(id);
    if (kept && performance.now() - kept.atMs < keptMs) return kept.key;
    const key = await loadKey(sql, options, id, departmentId);
    for (const [old, { atMs }] of cache) if (performance.now() - atMs > keptMs) cache.delete(old);
    cache.set(id, { key, atMs: performance.now() });
    return key;
  };
  return {
    ...sealer,
    async seal(place, plaintext) {
      const id = await activeKeyId(sql, place.departmentId, dataPurpose);
      if (id === undefined) throw new FederationError("vault_key_missing", "There is no active data key.");
      return seal(await keyById(id, place.departmentId), placeOf(place), plaintext);
    },
    async open(place, sealed) {
      const { keyId } = parseSealed(sealed);
      return open(await keyById(keyId, place.departmentId), placeOf(place), sealed);
    },
    ensureDepartmentKey: (tx, departmentId) => ensureDataKey(tx, options, departmentId, dataPurpose),
    async destroyDepartmentKeys(tx, departmentId) {
      const rows = await tx<{ id: string }[]>`
        update federation.data_key set status = 'destroyed', wrapped = null, destroyed_at = clock_timestamp()
        where department_id = ${departmentId} and status <> 'destroyed' returning id`;
      for (const { id } of rows) cache.delete(id);
      return rows.map((row) => row.id);
    },
    rotation: {
      kekId: provider.currentId,
      replaceDataKey: (tx, departmentId) => replaceDataKey(tx, options, departmentId, dataPurpose),
      async replaceSealingKey(tx) {
        const replaced = await replaceDataKey(tx, options, undefined, sealPurpose);
        return (
          replaced && { ...replaced, ...padsOf((await loadKey(tx, options, replaced.toId, undefined)).bytes) }
        );
      },
      async reseal({ fromId, toId, departmentId }, values) {
        const from = await keyById(fromId, departmentId);
        const to = await keyById(toId, departmentId);
        return values.map(({ place, sealed }) => resealed(from, to, placeOf(place), sealed));
      },
      rewrap: (keys) => Promise.all(keys.map((key) => rewrapKey(options, key))),
      registerKek: (tx) => registerKek(tx, provider),
    },
  };
}

function resealed(from: DataKey, to: DataKey, place: Parameters<typeof open>[1], sealed: string) {
  try {
    return seal(to, place, open(from, place, sealed));
  } catch (error) {
    if (error instanceof FederationError) return undefined;
    throw error;
  }
}
