import type { Tx } from "../../db/tx.ts";
import { counter, type Family, gauge, type Sample } from "../format.ts";

interface Row {
  kind: string;
  status: string;
  runs: number;
  takeovers: number;
  age: number | null;
  due: number | null;
}

/** Runs as they stand, and how long the oldest waits; a parked run (`failed`) counts as one that lives. */
export async function runs(tx: Tx): Promise<Family[]> {
  const rows = await tx<Row[]>`
    with run as (
      select r.kind, r.status, r.takeovers, r.created_at, coalesce(r.lease_until, r.wake_at, r.created_at) as due_at,
        r.status in ('queued', 'running', 'waiting', 'failed', 'rolling_back') as lives,
        r.status <> 'failed' or r.wake_at is not null as claimable
      from federation.run r)
    select kind, status, count(*)::float8 as runs, sum(takeovers)::float8 as takeovers,
      extract(epoch from clock_timestamp() - min(created_at) filter (where lives))::float8 as age,
      extract(epoch from clock_timestamp() - min(due_at) filter (where lives and claimable))::float8 as due
    from run group by kind, status order by kind, status`;
  const waits = rows.flatMap(({ due }) => due ?? []);
  return [
    gauge(
      "federation_runs",
      "Runs by kind and status.",
      rows.map((row) => sample(row, row.runs)),
    ),
    gauge(
      "federation_run_oldest_seconds",
      "Age of the oldest run that is not over, by kind and status; failed is parked.",
      rows.flatMap((row) => (row.age === null ? [] : sample(row, Math.max(0, row.age)))),
    ),
    gauge(
      "federation_run_due_oldest_seconds",
      "For how long the longest waiting run could be carried on, and is not.",
      [{ value: Math.max(0, ...waits) }],
    ),
    counter(
      "federation_run_takeovers_total",
      "Runs taken from a worker that did not hand them back, by kind.",
      takeovers(rows),
    ),
  ];
}

const sample = ({ kind, status }: Row, value: number): Sample => ({ labels: { kind, status }, value });

function takeovers(rows: readonly Row[]): Sample[] {
  const byKind = Map.groupBy(rows, ({ kind }) => kind);
  return [...byKind].map(([kind, found]) => ({
    labels: { kind },
    value: found.reduce((sum, row) => sum + row.takeovers, 0),
  }));
}
