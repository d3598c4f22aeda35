import { type Head, treeRoot } from "../../templates/audit/verify-export.mjs";
import type { Ctx } from "../context.ts";
import { conflict, notFound } from "../errors.ts";
import { type AnchorDirectory, checkpointName, openAnchorDirectory } from "./anchor-directory.ts";
import { type CheckpointFile, checkpointFile, leavesOf, signedPart } from "./checkpoint.ts";
import { manifestOf } from "./manifest.ts";
import { readStream } from "./event-row.ts";
import { merklePath } from "./merkle-path.ts";
import { readOnRecord } from "./read-on-record.ts";

interface Found {
  stream: string;
  seq: number;
  previous: string;
}

/**
 * A small export that proves one event: the chain from it to the first head that a checkpoint covers, and that head's way
 * to the signed root. Throws 404 for an event out of reach, 409 `not_sealed_yet` in its first minute.
 */
export async function proveEvent(
  ctx: Ctx,
  { stream, seq }: { stream: string; seq: number },
): Promise<Buffer> {
  const streams = await readOnRecord(ctx, { action: "audit.prove", meta: { stream, seq } });
  if (streams && !streams.includes(stream)) throw notFound();
  const [found] = await ctx.db.app<Found[]>`
    select stream, seq::float8 as seq, encode(prev, 'hex') as previous from audit.event
    where stream = ${stream} and seq = ${seq}`;
  if (!found) throw notFound();
  const covering = await firstCovering(openAnchorDirectory(ctx.config.auditAnchorUrl), found);
  if (!covering)
    throw conflict("not_sealed_yet", "No checkpoint covers the event yet; there is one a minute.");
  return render(ctx, found, covering);
}

interface Covering {
  file: CheckpointFile;
  heads: Head[];
  leaf: Head;
}

/** Replays the anchor until a checkpoint's head of the stream is not before the event. */
async function firstCovering(anchor: AnchorDirectory, { stream, seq }: Found): Promise<Covering | undefined> {
  const heads = new Map<string, Head>();
  for (let n = 1; ; n++) {
    const text = await anchor.read(checkpointName(n));
    if (text === undefined) return undefined;
    const file = checkpointFile.parse(JSON.parse(text));
    for (const [id, at, at_us, hash] of file.heads) heads.set(id, { stream: id, seq: at, at_us, hash });
    const leaf = heads.get(stream);
    if (leaf && leaf.seq >= seq) return { file, heads: [...heads.values()], leaf };
  }
}

async function render(
  ctx: Ctx,
  { stream, seq, previous }: Found,
  { file, heads, leaf }: Covering,
): Promise<Buffer> {
  const sorted = heads.toSorted((a, b) => (a.stream < b.stream ? -1 : 1));
  const index = sorted.indexOf(leaf);
  const leaves = leavesOf(sorted);
  if (treeRoot(leaves).toString("hex") !== file.root)
    throw conflict("anchor_broken", "The anchor does not fit its own roots.");
  const path = merklePath(leaves, index).map((hash) => hash.toString("hex"));
  const manifest = await manifestOf({ sql: ctx.db.app, vault: ctx.vault });
  const lines = [
    manifest.line({ proof: { checkpoint: signedPart(file), leaf, index, path } }),
    manifest.beginStream({ stream, seq: seq - 1, hash: previous }),
  ];
  for await (const rows of readStream(ctx.db.app, { stream, afterSeq: seq - 1, lastSeq: leaf.seq }))
    lines.push(manifest.events(rows));
  return Buffer.concat([...lines, manifest.end({ complete: false, whole: false })]);
}
