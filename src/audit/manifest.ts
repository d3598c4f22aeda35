import { createHash } from "node:crypto";
import type { ExportedEvent } from "../../templates/audit/verify-export.mjs";
import type { Vault } from "../crypto/vault.ts";
import type { Sql } from "../db/tx.ts";
import { auditPublicKeys, openAuditKey } from "./audit-key.ts";

export interface ExportMeans {
  sql: Sql;
  vault: Pick<Vault, "seal" | "open">;
}

/** Makes the lines of an export and keeps what its signed last line has to say of them. */
export async function manifestOf({ sql, vault }: ExportMeans) {
  const key = await openAuditKey(sql, vault);
  const keys = Object.fromEntries(await auditPublicKeys(sql));
  const digest = createHash("sha256");
  const streams: Record<string, { after_seq: number; previous: string; last_seq: number; hash: string }> = {};
  let events = 0;
  const line = (value: object) => {
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`);
    digest.update(bytes);
    return bytes;
  };
  return {
    line,
    beginStream({ stream, seq, hash }: { stream: string; seq: number; hash: string }) {
      streams[stream] = { after_seq: seq, previous: hash, last_seq: seq, hash };
      return line({ begin: { stream, seq, hash } });
    },
    events(rows: readonly ExportedEvent[]) {
      const last = rows.at(-1);
      const stream = last && streams[last.stream];
      if (stream) Object.assign(stream, { last_seq: last.seq, hash: last.hash });
      events += rows.length;
      return Buffer.concat(rows.map(line));
    },
    /** `complete`: nothing is left out at the streams' ends; `whole`: no stream is left out. */
    end({ complete, whole }: { complete: boolean; whole: boolean }) {
      const content = { version: 1, made_at: new Date().toISOString(), streams, events, complete, whole };
      const manifest = JSON.stringify({ ...content, sha256: digest.digest("hex"), keys, key_id: key.keyId });
      return Buffer.from(`${JSON.stringify({ manifest, signature: key.sign(manifest) })}\n`);
    },
    /** How many events are in it so far. */
    count: () => events,
  };
}
