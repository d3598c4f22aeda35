import type { Tx } from "../../db/tx.ts";
import { QUEUES } from "../../queue/queues.ts";
import { type Family, gauge } from "../format.ts";

const states = ["waiting", "active", "failed"] as const;
type Row = Record<(typeof states)[number], number> & { queue: string; oldest: number };

/** Jobs of every queue of ours; failed ones until they are forgotten. */
export async function queues(tx: Tx): Promise<Family[]> {
  const names = QUEUES.map(({ name }) => name);
  const rows = await tx<Row[]>`
    select q.name as queue, (count(j.id) filter (where j.state in ('created', 'retry')))::float8 as waiting,
      (count(j.id) filter (where j.state = 'active'))::float8 as active,
      (count(j.id) filter (where j.state = 'failed'))::float8 as failed,
      coalesce(extract(epoch from clock_timestamp() - min(j.start_after) filter (where j.state in ('created', 'retry'))),
        0)::float8 as oldest
    from unnest(${names}::text[]) as q(name) left join pgboss.job j on j.name = q.name
    group by q.name order by q.name`;
  const jobs = rows.flatMap((row) =>
    states.map((state) => ({ labels: { queue: row.queue, state }, value: row[state] })),
  );
  const oldest = rows.map(({ queue, oldest }) => ({ labels: { queue }, value: Math.max(0, oldest) }));
  return [
    gauge("federation_jobs", "Jobs by queue and state.", jobs),
    gauge(
      "federation_job_oldest_seconds",
      "For how long the oldest job of a queue is due and waits.",
      oldest,
    ),
  ];
}
