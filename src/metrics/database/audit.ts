import type { Tx } from "../../db/tx.ts";
import { type Family, gauge } from "../format.ts";

interface Row {
  unsealed: number;
  checkpoints: number;
  age: number | null;
}

/** How far the trail is behind its checkpoints outside the database. */
export async function audit(tx: Tx): Promise<Family[]> {
  const [row] = await tx<Row[]>`
    select
      (select coalesce(sum(greatest(0, h.seq - coalesce(s.seq, 0))), 0)::float8
        from audit.head h left join audit.sealed_head s using (stream)) as unsealed,
      (select coalesce(max(c.n), 0)::float8 from audit.checkpoint c) as checkpoints,
      (select extract(epoch from clock_timestamp() - c.recorded_at)::float8
        from audit.checkpoint c order by c.n desc limit 1) as age`;
  return [
    gauge("federation_audit_unsealed_events", "Events of the audit that no checkpoint covers yet.", [
      { value: row?.unsealed ?? 0 },
    ]),
    gauge("federation_audit_checkpoints", "Checkpoints written so far.", [{ value: row?.checkpoints ?? 0 }]),
    gauge(
      "federation_audit_checkpoint_age_seconds",
      "Since the last checkpoint; it grows while nothing happens. +Inf: there is none.",
      [{ value: row?.age ?? Infinity }],
    ),
  ];
}
