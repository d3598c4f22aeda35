import type { Sql, Tx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import { checkKek, type KeyProvider, kekWrong } from "./kek.ts";

/**
 * Lets a process go on only with the KEK of this database, or with a new one beside the known one. Changes nothing.
 * Throws `not_initialised`, `kek_wrong`, and `kek_unknown` while a data key is wrapped by a KEK that is not at hand.
 */
export async function checkStoredKek(sql: Sql | Tx, provider: KeyProvider): Promise<void> {
  const rows = await sql<{ kek_id: string; check_value: string; retired: boolean }[]>`
    select kek_id, check_value, retired_at is not null as retired from federation.kek_check`;
  if (rows.length === 0) throw notInitialised();
  const known = rows.filter((row) => provider.knownIds.includes(row.kek_id));
  for (const { kek_id, check_value } of known) await checkKek(check_value, provider, kek_id);
  if (known.some((row) => row.retired && row.kek_id === provider.currentId)) {
    throw new FederationError("kek_wrong", "FEDERATION_KEK was retired; set the one that came after it.");
  }
  if (!known.some((row) => !row.retired)) throw kekWrong();
  const [foreign] = await sql<{ kek_id: string }[]>`
    select kek_id from federation.data_key where wrapped is not null and kek_id <> all (${[...provider.knownIds]})
    limit 1`;
  if (foreign) {
    const message = `Data keys are still wrapped by the KEK ${foreign.kek_id}: set FEDERATION_KEK_PREVIOUS to it.`;
    throw new FederationError("kek_unknown", message);
  }
}

/** Notes the current KEK before it wraps its first key; `checkStoredKek` has let it in. */
export async function registerKek(tx: Sql | Tx, provider: KeyProvider): Promise<void> {
  const checkValue = await provider.checkValue();
  await tx`insert into federation.kek_check (kek_id, check_value) values (${provider.currentId}, ${checkValue})
    on conflict do nothing`;
}

export const notInitialised = () =>
  new FederationError(
    "not_initialised",
    "The database has no keys yet; run `fed migrate` with FEDERATION_KEK set.",
  );
