import type { Vault } from "../crypto/vault.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { Holder } from "./claim-rotation.ts";
import { holdRotation } from "./hold-rotation.ts";
import type { Outcome, Rotation } from "./rotation.ts";

/** Every vault has the new key after 30 s (crypto/gateway-sealer.ts); the old one's seals are good for long after. */
const oldSeconds = 30 + 600;

/**
 * The gateway's sealing key, in two steps: the database takes seals of the new one from the moment it is there to seal
 * with, and of the old one until long after nobody uses it, so none is ever refused. Only the provisioner may write it.
 */
export async function rotateGatewaySeal(
  means: { provisioner: Sql; vault: Pick<Vault, "rotation"> },
  holder: Holder,
  rotation: Rotation,
): Promise<Outcome> {
  return withTx(means.provisioner, async (tx): Promise<Outcome> => {
    await tx`set local role federation_owner`;
    const held = holdRotation(tx, holder, rotation);
    const { fromId, toId } = rotation;
    if (fromId !== null && toId !== null) {
      await endOld(tx, fromId);
      await held.succeed();
      return "done";
    }
    const replaced = await means.vault.rotation.replaceSealingKey(tx);
    if (!replaced) throw new FederationError("not_initialised", "There is no sealing key to replace.");
    await tx`delete from gateway.seal_key where not_after <= clock_timestamp()`;
    await tx`update gateway.seal_key set not_after = clock_timestamp() + make_interval(secs => ${oldSeconds})`;
    await tx`
      insert into gateway.seal_key (id, inner_pad, outer_pad, not_after)
      select case when exists (select from gateway.seal_key where id = 1) then 2 else 1 end, ${replaced.inner},
        ${replaced.outer}, 'infinity'`;
    await held.wait(oldSeconds, replaced);
    return { waitSeconds: oldSeconds };
  });
}

async function endOld(tx: Tx, fromId: string): Promise<void> {
  await tx`delete from gateway.seal_key where not_after <= clock_timestamp()`;
  await tx`
    update federation.data_key set status = 'destroyed', wrapped = null, destroyed_at = clock_timestamp()
    where id = ${fromId} and status = 'retiring'`;
}
