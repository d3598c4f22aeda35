import { createHash } from "node:crypto";

/** A row of `audit.event` as the driver gives it: int8 as text, bytea as bytes. */
export interface AuditRow {
  stream: string;
  seq: string;
  at_us: string;
  actor: string;
  actor_kind: string;
  action: string;
  target: string | null;
  department: string | null;
  decision: string;
  reason: string | null;
  request_id: string | null;
  meta: string;
  subject_commit: Uint8Array | null;
  prev: Uint8Array;
  hash: Uint8Array;
}

export type ChainResult = { ok: true; head: string } | { ok: false; firstBad: string };

const genesis = createHash("sha256").digest();

/**
 * Recomputes one stream's chain over its rows in order of seq. `firstBad` is the seq that should be there but is missing
 * or changed. `anchor` continues after rows that retention removed: the seq and hash of the last one before.
 * A cut tail shows only against the head or a checkpoint: compare `head`, the last hash in hex.
 */
export function verifyChain(
  rows: readonly AuditRow[],
  anchor = { seq: 0n, hash: genesis as Uint8Array },
): ChainResult {
  let { seq, hash } = anchor;
  let previousUs = -1n;
  for (const row of rows) {
    seq += 1n;
    const atUs = BigInt(row.at_us);
    const linked = BigInt(row.seq) === seq && row.stream === rows[0]?.stream && atUs > previousUs;
    if (!linked || !same(row.prev, hash) || !same(row.hash, rowHash(row, hash)))
      return { ok: false, firstBad: `${seq}` };
    hash = row.hash;
    previousUs = atUs;
  }
  return { ok: true, head: Buffer.from(hash).toString("hex") };
}

function rowHash(row: AuditRow, prev: Uint8Array): Uint8Array {
  const hash = createHash("sha256")
    .update(prev)
    .update(uuid(row.stream))
    .update(int8(row.seq))
    .update(int8(row.at_us));
  const fields = [
    row.actor,
    row.actor_kind,
    row.action,
    row.target,
    row.department && uuid(row.department),
    row.decision,
    row.reason,
    row.request_id && uuid(row.request_id),
    row.meta,
    row.subject_commit,
  ];
  for (const value of fields) hash.update(field(value));
  return hash.digest();
}

const same = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0;
const uuid = (text: string) => Buffer.from(text.replaceAll("-", ""), "hex");

function int8(value: string): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

/** Length-prefixed, so that no two rows can spell the same bytes; null is a length of -1. */
function field(value: string | Uint8Array | null): Uint8Array {
  const bytes = value === null ? undefined : Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes?.length ?? -1);
  return bytes ? Buffer.concat([length, bytes]) : length;
}
