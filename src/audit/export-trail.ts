import { genesis, type Head } from "../../templates/audit/verify-export.mjs";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { leavesOf, selectHeads } from "./checkpoint.ts";
import { readStream } from "./event-row.ts";
import { type ExportMeans, manifestOf } from "./manifest.ts";
import { merklePath } from "./merkle-path.ts";

export interface ExportRange {
  /** All streams unless named. */
  streams?: readonly string[] | undefined;
  fromUs?: number | undefined;
  untilUs?: number | undefined;
}

interface StreamRange {
  stream: string;
  afterSeq: number;
  previous: string;
  lastSeq: number;
}

/**
 * The trail as lines of JSON that templates/audit/verify-export.mjs verifies on its own: for each stream the proof of the last
 * checkpoint, where it begins, its events; at the end a signed manifest. Bounded memory, whatever the size.
 */
export async function* exportTrail(means: ExportMeans, range: ExportRange = {}): AsyncGenerator<Uint8Array> {
  const { sql } = means;
  const manifest = await manifestOf(means);
  const proofs = await proofsOf(sql);
  for (const one of await rangesOf(sql, range)) {
    const { stream, afterSeq, previous } = one;
    const proof = proofs(stream);
    if (proof && proof.leaf.seq >= afterSeq) yield manifest.line({ proof });
    yield manifest.beginStream({ stream, seq: afterSeq, hash: previous });
    for await (const rows of readStream(sql, one)) yield manifest.events(rows);
  }
  const complete = range.fromUs === undefined && range.untilUs === undefined;
  yield manifest.end({ complete, whole: range.streams === undefined });
}

/** Where each stream begins and ends in the range; the head is read once, so what comes later is left out everywhere. */
async function rangesOf(sql: Sql, { streams, fromUs, untilUs }: ExportRange): Promise<StreamRange[]> {
  const rows = await sql<StreamRange[]>`
    select h.stream, coalesce(b.seq, a.seq, 0)::float8 as "afterSeq",
      coalesce(encode(coalesce(b.hash, a.hash), 'hex'), ${genesis}) as previous,
      coalesce(l.seq, b.seq, a.seq, 0)::float8 as "lastSeq"
    from audit.head h left join audit.anchor a on a.stream = h.stream
      left join lateral (select e.seq, e.hash from audit.event e where e.stream = h.stream
        and e.at_us < ${fromUs ?? 0} order by e.seq desc limit 1) b on true
      left join lateral (select e.seq from audit.event e where e.stream = h.stream and e.seq <= h.seq
        and e.at_us < ${untilUs ?? Number.MAX_SAFE_INTEGER} order by e.seq desc limit 1) l on true
    where ${streams === undefined ? sql`true` : sql`h.stream = any(${[...streams]})`}
    order by h.stream`;
  return [...rows];
}

/** What the last checkpoint says of a stream, with the way to its root. */
async function proofsOf(sql: Sql) {
  const read = async (tx: Tx) => ({
    heads: await selectHeads(tx, "sealed_head"),
    last: await tx<{ n: number }[]>`
      select n::float8 as n, at_us::float8 as at_us, encode(previous, 'hex') as previous, size::float8 as size,
        encode(root, 'hex') as root, key_id, translate(encode(signature, 'base64'), E'+/=\\n', '-_') as signature
      from audit.checkpoint order by n desc limit 1`,
  });
  const { heads, last } = await withTx(sql, read, { isolation: "repeatable read" });
  const [checkpoint] = last;
  const leaves = leavesOf(heads);
  return (stream: string): { checkpoint: object; leaf: Head; index: number; path: string[] } | undefined => {
    const index = heads.findIndex((head) => head.stream === stream);
    const leaf = heads[index];
    if (!checkpoint || !leaf) return undefined;
    return { checkpoint, leaf, index, path: merklePath(leaves, index).map((hash) => hash.toString("hex")) };
  };
}
