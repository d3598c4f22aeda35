/**
 * Seals and opens values with data keys that only the KEK outside the database can unwrap. One key per department (and
 * one for the platform); a department's values are gone for good once its wrapped key is destroyed. Unwrapped keys
 * stay in this process only, and for a second.
 */
import type { Sql, Tx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import { type CallToSeal, createSealer, type Sealer } from "./call-seal.ts";
import { checkKek, type KeyProvider } from "./kek.ts";
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

export interface Vault {
  seal(place: VaultPlace, plaintext: string): Promise<string>;
  /** Throws `vault_open_failed` for another place, key or bit; `vault_key_destroyed` after a crypto-shred. */
  open(place: VaultPlace, sealed: string): Promise<string>;
  ensureDepartmentKey(tx: Tx, departmentId: string): Promise<{ id: string; created: boolean }>;
  /** Answers the ids of the keys that are no more. */
  destroyDepartmentKeys(tx: Tx, departmentId: string): Promise<string[]>;
  /** Seals that the database checks; good for ten seconds. */
  sealOwnContext(departmentId: string): string;
  sealCall(call: Omit<CallToSeal, "expiresUs">): { expiresUs: bigint; seal: Buffer };
}

interface VaultOptions {
  sql: Sql;
  provider: KeyProvider;
  environment: string;
}

export const dataPurpose = "data";
export const sealPurpose = "gateway-seal";
const sealSeconds = 10;
/** A key destroyed by one process opens nothing in another one a second later. */
const keptMs = 900;

/** Throws `kek_wrong` with another KEK than the database's, `not_initialised` before `fed migrate` made the keys. */
export async function createVault(options: VaultOptions): Promise<Vault> {
  const { sql, provider, environment } = options;
  await checkStoredKek(sql, provider);
  const sealer = await gatewaySealer(options);
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
    const key = await loadKey(options, id, departmentId);
    for (const [old, { atMs }] of cache) if (performance.now() - atMs > keptMs) cache.delete(old);
    cache.set(id, { key, atMs: performance.now() });
    return key;
  };
  return {
    async seal(place, plaintext) {
      const id = await activeKeyId(sql, place.departmentId);
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
    sealOwnContext: (departmentId) => sealer.sealOwn(departmentId, inSeconds(sealSeconds)),
    sealCall(call) {
      const expiresUs = inSeconds(sealSeconds);
      return { expiresUs, seal: sealer.sealCall({ ...call, expiresUs }) };
    },
  };
}

/** The department's (or, without one, the platform's) active key of this purpose; made when there is none. */
export async function ensureDataKey(
  tx: Tx,
  { provider, environment }: Omit<VaultOptions, "sql">,
  departmentId: string | undefined,
  purpose: string,
): Promise<{ id: string; created: boolean }> {
  const id = Bun.randomUUIDv7();
  const context = { environment, departmentId: departmentId ?? "", purpose, dataKeyId: id };
  const wrapped = await provider.wrap(crypto.getRandomValues(new Uint8Array(32)), context);
  const inserted = await tx`
    insert into federation.data_key (id, department_id, purpose, wrapped, kek_id, status)
    values (${id}, ${departmentId ?? null}, ${purpose}, ${wrapped}, ${provider.currentId}, 'active')
    on conflict (department_id, purpose) where status = 'active' do nothing`;
  if (inserted.count === 1) return { id, created: true };
  const [active] = await tx<{ id: string }[]>`
    select id from federation.data_key where department_id is not distinct from ${departmentId ?? null}
      and purpose = ${purpose} and status = 'active'`;
  if (!active)
    throw new FederationError("vault_key_missing", "The data key vanished while it was made.", {
      retryable: true,
    });
  return { id: active.id, created: false };
}

/** The unwrapped bytes of a platform key. */
export async function platformKey(
  { sql, provider, environment }: Omit<VaultOptions, "sql"> & { sql: Sql | Tx },
  purpose: string,
): Promise<Buffer> {
  const [row] = await sql<{ id: string; wrapped: string }[]>`
    select id, wrapped from federation.data_key where department_id is null and purpose = ${purpose} and status = 'active'`;
  if (!row) throw notInitialised();
  return provider.unwrap(row.wrapped, { environment, departmentId: "", purpose, dataKeyId: row.id });
}

async function checkStoredKek(sql: Sql, provider: KeyProvider): Promise<void> {
  const rows = await sql<
    { kek_id: string; check_value: string }[]
  >`select kek_id, check_value from federation.kek_check`;
  if (rows.length === 0) throw notInitialised();
  const own = rows.find((row) => row.kek_id === provider.currentId);
  await checkKek(own?.check_value ?? "", provider);
}

async function gatewaySealer(options: VaultOptions): Promise<Sealer> {
  return createSealer(await platformKey(options, sealPurpose));
}

async function activeKeyId(sql: Sql, departmentId: string | undefined): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select id from federation.data_key where department_id is not distinct from ${departmentId ?? null}
      and purpose = ${dataPurpose} and status = 'active'`;
  if (!row) throw new FederationError("vault_key_missing", "There is no active data key.");
  return row.id;
}

async function loadKey(
  options: VaultOptions,
  id: string,
  departmentId: string | undefined,
): Promise<DataKey> {
  const { sql, provider, environment } = options;
  const [row] = await sql<{ wrapped: string | null; purpose: string }[]>`
    select wrapped, purpose from federation.data_key
    where id::text = ${id} and department_id is not distinct from ${departmentId ?? null}`;
  if (!row) throw new FederationError("vault_open_failed", "A sealed value could not be opened.");
  if (row.wrapped === null)
    throw new FederationError("vault_key_destroyed", "The key of this value was destroyed.");
  const context = { environment, departmentId: departmentId ?? "", purpose: row.purpose, dataKeyId: id };
  return { id, bytes: await provider.unwrap(row.wrapped, context) };
}

const inSeconds = (seconds: number) => BigInt(Date.now() + seconds * 1000) * 1000n;
const notInitialised = () =>
  new FederationError(
    "not_initialised",
    "The database has no keys yet; run `fed migrate` with FEDERATION_KEK set.",
  );
