import type { Sql } from "../db/tx.ts";
import type { Actual } from "./cost-view.ts";
import type { PriceBook } from "./price-book.ts";

const minutesPerMonth = 30 * 24 * 60;

type Row = Omit<Actual, "hosting_micro_usd"> & { department_id: string; host: string };

/** What the hosts metered of departments this month, by their ids; priced where the book has the host's prices. */
export async function readActual(
  sql: Sql,
  book: PriceBook,
  departmentIds: readonly string[],
): Promise<Map<string, Actual>> {
  const rows = await sql<Row[]>`
    select u.department_id, min(u.host) as host, min(u.day)::text as from, max(u.day)::text as to,
      count(distinct u.day)::int as days, sum(u.vcpu_minutes) as vcpu_minutes,
      sum(u.memory_gb_minutes) as memory_gb_minutes, sum(u.egress_gb) as egress_gb,
      sum(u.disk_gb_minutes) as disk_gb_minutes
    from federation.host_usage u
    where u.department_id = any(${[...departmentIds]}::uuid[])
      and u.day >= date_trunc('month', clock_timestamp() at time zone 'UTC')::date
    group by u.department_id`;
  return new Map(
    rows.map(({ department_id, host, ...row }) => [
      department_id,
      { ...row, hosting_micro_usd: host === "railway" ? priceOf(book, row) : null },
    ]),
  );
}

function priceOf({ railway }: PriceBook, row: Omit<Actual, "hosting_micro_usd">): number {
  return Math.round(
    (row.vcpu_minutes * railway.cpu.usd +
      row.memory_gb_minutes * railway.memory.usd +
      row.disk_gb_minutes * railway.volume.usd) /
      minutesPerMonth +
      row.egress_gb * railway.egress.usd,
  );
}
