/**
 * Signs a Merkle root over the heads of all streams and writes it outside the database, first there, then here. Two
 * sealers, or one that died in between, leave a file without a row: the next one finds it, notes it and goes on behind it.
 * Whoever changes a row that a checkpoint covers, or cuts a stream, has the anchor against him.
 */
import { createHash } from "node:crypto";
import {
  checkpointText,
  genesis,
  type Head,
  isSigned,
  treeRoot,
} from "../../templates/audit/verify-export.mjs";
import type { Vault } from "../crypto/vault.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import { type AnchorDirectory, checkpointName } from "./anchor-directory.ts";
import { auditPublicKeys, openAuditKey } from "./audit-key.ts";
import { type CheckpointFile, checkpointFile, leavesOf, selectHeads, signedPart } from "./checkpoint.ts";

export interface SealerMeans {
  sql: Sql;
  vault: Pick<Vault, "seal" | "open">;
  anchor: AnchorDirectory;
}

/**
 * Writes the next checkpoint if any head moved since the last one; answers its number. Throws `anchor_foreign` when the
 * anchor holds a checkpoint that none of our keys signed, or has lost some.
 */
export async function sealCheckpoint(means: SealerMeans): Promise<number | undefined> {
  await adopt(means);
  const { sql, vault, anchor } = means;
  const key = await openAuditKey(sql, vault);
  const { last, sealed, heads } = await readState(sql);
  const moved = movedHeads(sealed, heads);
  if (moved.length === 0) return undefined;
  const n = last + 1;
  const all = [...new Map([...sealed, ...moved].map((head) => [head.stream, head])).values()];
  const signed = {
    n,
    at_us: Date.now() * 1000,
    previous: await hashOfFile(anchor, last),
    size: all.length,
    root: treeRoot(leavesOf(all)).toString("hex"),
    key_id: key.keyId,
  };
  await anchor.add(
    `0-key-${key.keyId}.json`,
    JSON.stringify({ key_id: key.keyId, public_key: key.publicKey }),
  );
  const file = {
    ...signed,
    signature: key.sign(checkpointText(signed)),
    heads: moved.map(({ stream, seq, at_us, hash }): CheckpointFile["heads"][number] => [
      stream,
      seq,
      at_us,
      hash,
    ]),
  };
  // False: somebody else was faster; what is there now is taken over by the next call.
  if (await anchor.add(checkpointName(n), `${JSON.stringify(file)}\n`)) await record(means, file);
  return n;
}

/** In one snapshot: a head that was read before the last checkpoint was made must not follow it. */
function readState(sql: Sql) {
  const read = async (tx: Tx) => ({
    last: await lastRecorded(tx),
    sealed: await selectHeads(tx, "sealed_head"),
    heads: await selectHeads(tx, "head"),
  });
  return withTx(sql, read, { isolation: "repeatable read" });
}

/** Forwards, or back where a backup was restored: then the checkpoint says so, and what comes is sealed again. */
function movedHeads(sealed: readonly Head[], heads: readonly Head[]): Head[] {
  const before = new Map(sealed.map((head) => [head.stream, head.seq]));
  return heads.filter(({ stream, seq }) => seq !== before.get(stream));
}

/** Notes what lies in the anchor and not in the database. */
async function adopt(means: SealerMeans): Promise<void> {
  const { sql, anchor } = means;
  const [here, there] = [await lastRecorded(sql), await anchor.last()];
  if (there < here)
    throw new FederationError(
      "anchor_foreign",
      `The anchor ends at checkpoint ${there}, ${here} were written.`,
    );
  if (there === here) return;
  const keys = await auditPublicKeys(sql);
  for (let n = here + 1; n <= there; n++) {
    const file = checkpointFile.parse(JSON.parse((await anchor.read(checkpointName(n))) ?? "null"));
    const key = keys.get(file.key_id);
    if (file.n !== n || !key || !isSigned(checkpointText(file), file.signature, [key]))
      throw new FederationError("anchor_foreign", `Checkpoint ${n} of the anchor is not ours.`);
    await record(means, file);
  }
}

async function record({ sql, anchor }: SealerMeans, file: CheckpointFile): Promise<void> {
  const signature = Buffer.from(file.signature, "base64url").toString("hex");
  const checkpoint = { ...signedPart(file), signature, file_hash: await hashOfFile(anchor, file.n) };
  await sql`select audit.record_checkpoint(${sql.json(checkpoint)}, ${sql.json(file.heads)})`;
}

async function lastRecorded(sql: Sql | Tx): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select coalesce(max(n), 0)::int as n from audit.checkpoint`;
  return row?.n ?? 0;
}

async function hashOfFile(anchor: AnchorDirectory, n: number): Promise<string> {
  if (n === 0) return genesis;
  const text = await anchor.read(checkpointName(n));
  if (text === undefined) throw new FederationError("anchor_foreign", `The anchor has lost checkpoint ${n}.`);
  return createHash("sha256").update(text).digest("hex");
}
