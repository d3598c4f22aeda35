import type { Tx } from "../../db/tx.ts";
import { type Family, gauge } from "../format.ts";

interface Row {
  kind: string;
  step: string;
  done: number;
  seconds: number;
  longest: number;
  failures: number;
  crashes: number;
}

/**
 * Steps of the runs begun within 24 hours. Gauges, since a retry takes a finished step back and a day ends: a mean is
 * seconds by done, and no rate is to be made of them. Found by the runs' ids, which begin with the time (uuidv7).
 */
export async function steps(tx: Tx): Promise<Family[]> {
  const rows = await tx<Row[]>`
    with recent as (
      select r.kind, s.name as step, s.status, s.failures, s.crashes,
        greatest(0, extract(epoch from s.finished_at - s.started_at) - s.queue_seconds) as seconds
      from federation.run r join federation.step s on s.run_id = r.id
      where r.id >= rpad(lpad(to_hex((extract(epoch from now() - interval '24 hours') * 1000)::bigint), 12, '0'),
        32, '0')::uuid)
    select kind, step, (count(*) filter (where status = 'done'))::float8 as done,
      coalesce(sum(seconds) filter (where status = 'done'), 0)::float8 as seconds,
      coalesce(max(seconds) filter (where status = 'done'), 0)::float8 as longest,
      sum(failures)::float8 as failures, sum(crashes)::float8 as crashes
    from recent group by kind, step order by kind, step`;
  const family = (name: string, help: string, value: (row: Row) => number) =>
    gauge(
      `federation_step_recent_${name}`,
      `${help}, by kind and step, of the runs begun within 24 hours.`,
      rows.map((row) => ({ labels: { kind: row.kind, step: row.step }, value: value(row) })),
    );
  return [
    family("done", "Steps done", ({ done }) => done),
    family(
      "seconds",
      "Seconds that the steps done took, without waiting in line for a provider",
      (row) => row.seconds,
    ),
    family("longest_seconds", "The longest of them", ({ longest }) => longest),
    family("failures", "Attempts that failed", ({ failures }) => failures),
    family("crashes", "Attempts that ended with their worker", ({ crashes }) => crashes),
  ];
}
