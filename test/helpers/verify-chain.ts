import { genesis, rowHash } from "../../templates/audit/verify-export.mjs";

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

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/**
 * Recomputes one stream's chain over its rows in order of seq, with the verifier's own hash. `firstBad` is the seq that
 * should be there but is missing or changed. `anchor` is the last row before, where there is one.
 */
export function verifyChain(
  rows: readonly AuditRow[],
  anchor: { seq: bigint; hash: Uint8Array } = { seq: 0n, hash: Buffer.from(genesis, "hex") },
): ChainResult {
  let { seq } = anchor;
  let hash = hex(anchor.hash);
  let atUs = -1;
  for (const row of rows) {
    seq += 1n;
    const isNext = BigInt(row.seq) === seq && row.stream === rows[0]?.stream && Number(row.at_us) > atUs;
    if (!isNext || hex(row.prev) !== hash || hex(row.hash) !== rowHash(exported(row), hash))
      return { ok: false, firstBad: `${seq}` };
    [hash, atUs] = [hex(row.hash), Number(row.at_us)];
  }
  return { ok: true, head: hash };
}

const exported = (row: AuditRow) => ({
  ...row,
  seq: Number(row.seq),
  at_us: Number(row.at_us),
  subject_commit: row.subject_commit && hex(row.subject_commit),
  hash: hex(row.hash),
});
