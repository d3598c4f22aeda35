import type { Sql, Tx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { KeyProvider } from "./kek.ts";
import { notInitialised, registerKek } from "./kek-check.ts";
import type { DataKey } from "./seal.ts";

export interface KeyMeans {
  provider: KeyProvider;
  environment: string;
}

export const dataPurpose = "data";
export const sealPurpose = "gateway-seal";

/** The department's (or, without one, the platform's) active key of this purpose; made when there is none. */
export async function ensureDataKey(
  tx: Tx,
  means: KeyMeans,
  departmentId: string | undefined,
  purpose: string,
): Promise<{ id: string; created: boolean }> {
  const id = await insertKey(tx, means, departmentId, purpose);
  if (id !== undefined) return { id, created: true };
  const active = await activeKeyId(tx, departmentId, purpose);
  if (active === undefined)
    throw new FederationError("vault_key_missing", "The data key vanished while it was made.", {
      retryable: true,
    });
  return { id: active, created: false };
}

/**
 * A new active key in the place of the one that is active; that one still opens. Undefined when there is none. Two at
 * once: the second waits and replaces the first one's.
 */
export async function replaceDataKey(
  tx: Tx,
  means: KeyMeans,
  departmentId: string | undefined,
  purpose: string,
): Promise<{ fromId: string; toId: string } | undefined> {
  const [old] = await tx<{ id: string }[]>`
    update federation.data_key set status = 'retiring'
    where department_id is not distinct from ${departmentId ?? null} and purpose = ${purpose} and status = 'active'
    returning id`;
  if (!old) return undefined;
  const toId = await insertKey(tx, means, departmentId, purpose);
  if (toId === undefined) throw new FederationError("internal", "Another key was made at the same time.");
  return { fromId: old.id, toId };
}

/** The id of the key that seals now. */
export async function activeKeyId(
  sql: Sql | Tx,
  departmentId: string | undefined,
  purpose: string,
): Promise<string | undefined> {
  const [row] = await sql<{ id: string }[]>`
    select id from federation.data_key where department_id is not distinct from ${departmentId ?? null}
      and purpose = ${purpose} and status = 'active'`;
  return row?.id;
}

/** The active platform key of this purpose, unwrapped. */
export async function platformKey(
  sql: Sql | Tx,
  { provider, environment }: KeyMeans,
  purpose: string,
): Promise<DataKey> {
  const [row] = await sql<{ id: string; wrapped: string }[]>`
    select id, wrapped from federation.data_key where department_id is null and purpose = ${purpose} and status = 'active'`;
  if (!row) throw notInitialised();
  const context = { environment, departmentId: "", purpose, dataKeyId: row.id };
  return { id: row.id, bytes: await provider.unwrap(row.wrapped, context) };
}

/** Throws `vault_open_failed` for a key of somebody else, `vault_key_destroyed` for one that is no more. */
export async function loadKey(
  sql: Sql | Tx,
  { provider, environment }: KeyMeans,
  id: string,
  departmentId: string | undefined,
): Promise<DataKey> {
  const [row] = await sql<{ wrapped: string | null; purpose: string }[]>`
    select wrapped, purpose from federation.data_key
    where id::text = ${id} and department_id is not distinct from ${departmentId ?? null}`;
  if (!row) throw new FederationError("vault_open_failed", "A sealed value could not be opened.");
  if (row.wrapped === null)
    throw new FederationError("vault_key_destroyed", "The key of this value was destroyed.");
  const context = { environment, departmentId: departmentId ?? "", purpose: row.purpose, dataKeyId: id };
  return { id, bytes: await provider.unwrap(row.wrapped, context) };
}

export interface WrappedKey {
  id: string;
  department_id: string | null;
  purpose: string;
  wrapped: string;
}

/** The same key, wrapped by the current KEK. */
export async function rewrapKey({ provider, environment }: KeyMeans, key: WrappedKey): Promise<string> {
  const context = {
    environment,
    departmentId: key.department_id ?? "",
    purpose: key.purpose,
    dataKeyId: key.id,
  };
  return provider.wrap(await provider.unwrap(key.wrapped, context), context);
}

/** Undefined when there is an active key already. */
async function insertKey(
  tx: Tx,
  { provider, environment }: KeyMeans,
  departmentId: string | undefined,
  purpose: string,
): Promise<string | undefined> {
  const id = Bun.randomUUIDv7();
  const context = { environment, departmentId: departmentId ?? "", purpose, dataKeyId: id };
  const wrapped = await provider.wrap(crypto.getRandomValues(new Uint8Array(32)), context);
  await registerKek(tx, provider);
  const inserted = await tx`
    insert into federation.data_key (id, department_id, purpose, wrapped, kek_id, status)
    values (${id}, ${departmentId ?? null}, ${purpose}, ${wrapped}, ${provider.currentId}, 'active')
    on conflict (department_id, purpose) where status = 'active' do nothing`;
  return inserted.count === 1 ? id : undefined;
}
