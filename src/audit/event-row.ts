import type { ExportedEvent } from "../../templates/audit/verify-export.mjs";
import type { Sql, Tx } from "../db/tx.ts";

/** An event as it is exported, hashed and shown: numbers and text only. */
const eventColumns = (sql: Sql | Tx) => sql`
  e.stream, e.seq::float8 as seq, e.at_us::float8 as at_us, e.actor, e.actor_kind, e.action, e.target, e.department,
  e.decision, e.reason, e.request_id, e.meta, encode(e.subject_commit, 'hex') as subject_commit,
  encode(e.hash, 'hex') as hash`;

/** The events of a stream behind `afterSeq` up to `lastSeq`, in order, a bounded number at a time. */
export async function* readStream(
  sql: Sql,
  { stream, afterSeq, lastSeq }: { stream: string; afterSeq: number; lastSeq: number },
  batch = 2000,
): AsyncGenerator<ExportedEvent[]> {
  let seq = afterSeq;
  while (seq < lastSeq) {
    const rows = await sql<ExportedEvent[]>`
      select ${eventColumns(sql)} from audit.event e
      where e.stream = ${stream} and e.seq > ${seq} and e.seq <= ${lastSeq} order by e.seq limit ${batch}`;
    if (rows.length === 0) return;
    yield [...rows];
    seq = rows.at(-1)?.seq ?? lastSeq;
  }
}
