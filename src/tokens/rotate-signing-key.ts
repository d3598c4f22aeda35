import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { Holder } from "../keys/claim-rotation.ts";
import { holdRotation } from "../keys/hold-rotation.ts";
import type { Outcome, Rotation } from "../keys/rotation.ts";
import { publishedSeconds, signsNoMoreSeconds } from "./signing-key-times.ts";

/**
 * What is due of a signing key's rotation: the published key signs once every cache knows it; the private half of the
 * old one is destroyed once nobody signs with it. Its public half stays, for what it has signed.
 */
export async function rotateSigningKey(sql: Sql, holder: Holder, rotation: Rotation): Promise<Outcome> {
  const { fromId, toId } = rotation;
  if (fromId === null || toId === null) throw new FederationError("internal", "A rotation without its keys.");
  return withTx(sql, async (tx): Promise<Outcome> => {
    const held = holdRotation(tx, holder, rotation);
    if (await activate(tx, fromId, toId)) {
      await held.wait(signsNoMoreSeconds);
      return { waitSeconds: signsNoMoreSeconds };
    }
    const waitSeconds = await leftSeconds(tx, fromId, toId);
    if (waitSeconds > 0) {
      await held.wait(waitSeconds);
      return { waitSeconds };
    }
    await tx`update federation.signing_key set private_sealed = null where kid = ${fromId} and status = 'retired'`;
    await held.succeed();
    return "done";
  });
}

/** False when it is too early, or done. */
async function activate(tx: Tx, fromId: string, toId: string): Promise<boolean> {
  const [due] = await tx`
    select from federation.signing_key where kid = ${toId} and status = 'published'
      and created_at <= clock_timestamp() - make_interval(secs => ${publishedSeconds}) for update`;
  if (!due) return false;
  await tx`
    update federation.signing_key set status = 'retired', retired_at = clock_timestamp()
    where kid = ${fromId} and status = 'active'`;
  await tx`update federation.signing_key set status = 'active' where kid = ${toId} and status = 'published'`;
  return true;
}

/** Until the next of the two steps; 0 = now. */
async function leftSeconds(tx: Tx, fromId: string, toId: string): Promise<number> {
  const [row] = await tx<{ seconds: number }[]>`
    select greatest(0, extract(epoch from max(case
      when kid = ${toId} and status = 'published' then created_at + make_interval(secs => ${publishedSeconds})
      when kid = ${fromId} and status = 'retired' then retired_at + make_interval(secs => ${signsNoMoreSeconds})
      end) - clock_timestamp()))::float8 as seconds
    from federation.signing_key where kid in (${fromId}, ${toId})`;
  return row?.seconds ?? 0;
}
