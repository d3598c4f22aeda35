import { z } from "zod";
import { type Head, leafHash, type SignedRoot } from "../../templates/audit/verify-export.mjs";
import type { Sql, Tx } from "../db/tx.ts";

const headEntry = z.tuple([z.uuid(), z.int(), z.int(), z.string()]);

/** A checkpoint's file: the signed root over all heads, and the heads that moved since the one before. */
export const checkpointFile = z.object({
  n: z.int(),
  at_us: z.int(),
  previous: z.string(),
  size: z.int(),
  root: z.string(),
  key_id: z.string(),
  signature: z.string(),
  heads: z.array(headEntry),
});
export type CheckpointFile = z.infer<typeof checkpointFile>;

interface HeadRow {
  stream: string;
  seq: number;
  at_us: number;
  hash: string;
}

/** All heads in the order of the tree, as one statement sees them; microseconds are exact until the year 2255. */
export async function selectHeads(sql: Sql | Tx, table: "head" | "sealed_head"): Promise<Head[]> {
  const rows = await sql<HeadRow[]>`
    select stream, seq::float8 as seq, at_us::float8 as at_us, encode(hash, 'hex') as hash
    from ${sql(`audit.${table}`)} where seq > 0 order by stream`;
  return [...rows];
}

/** The tree's leaves, in order of the streams' ids. */
export const leavesOf = (heads: readonly Head[]) =>
  heads.toSorted((a, b) => (a.stream < b.stream ? -1 : 1)).map((head) => leafHash(head));

export const signedPart = ({
  n,
  at_us,
  previous,
  size,
  root,
  key_id,
  signature,
}: CheckpointFile): SignedRoot => ({
  ...{ n, at_us, previous, size },
  ...{ root, key_id, signature },
});
