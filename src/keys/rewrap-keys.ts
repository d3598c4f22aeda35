import type { WrappedKey } from "../crypto/data-keys.ts";
import { withTx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { Holder } from "./claim-rotation.ts";
import { holdRotation } from "./hold-rotation.ts";
import type { ResealMeans } from "./reseal-values.ts";
import type { Outcome, Rotation } from "./rotation.ts";

/** One batch of data keys under the new KEK. A key that was destroyed meanwhile stays destroyed. */
export async function rewrapKeys(means: ResealMeans, holder: Holder, rotation: Rotation): Promise<Outcome> {
  const { toId } = rotation;
  if (toId === null) throw new FederationError("internal", "A rotation without its KEK.");
  const keys = await means.sql<WrappedKey[]>`
    select id, department_id, purpose, wrapped from federation.data_key
    where wrapped is not null and kek_id <> ${toId} order by id limit ${means.batchSize}`;
  const wrapped = await means.vault.rotation.rewrap(keys);
  return withTx(means.sql, async (tx): Promise<Outcome> => {
    const held = holdRotation(tx, holder, rotation);
    if (keys.length === 0) {
      await held.succeed();
      return "done";
    }
    const moved = await tx`
      update federation.data_key k set wrapped = v.fresh, kek_id = ${toId}
      from unnest(${keys.map((key) => key.id)}::uuid[], ${keys.map((key) => key.wrapped)}::text[], ${wrapped}::text[])
        as v (id, old, fresh)
      where k.id = v.id and k.wrapped = v.old`;
    await held.note({ moved: moved.count, cursor: null });
    return "more";
  });
}
