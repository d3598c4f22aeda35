import type { Tx } from "../../db/tx.ts";
import { type Family, gauge } from "../format.ts";

interface Row {
  budget: string;
  tokens: number;
  blocked: number;
  waiting: number;
  longest: number;
}

/** Budgets of calls to providers. Their names hold a hash of the token at most; 100 are shown at most. */
export async function callBudgets(tx: Tx): Promise<Family[]> {
  const rows = await tx<Row[]>`
    select b.name as budget, b.tokens,
      coalesce(greatest(0, extract(epoch from b.blocked_until - clock_timestamp())), 0)::float8 as blocked,
      count(w.holder)::float8 as waiting,
      coalesce(greatest(0, extract(epoch from clock_timestamp() - min(w.since))), 0)::float8 as longest
    from federation.call_budget b left join federation.call_waiter w on w.budget = b.name and w.served_at is null
    group by b.name order by b.name limit 100`;
  const family = (name: string, help: string, value: (row: Row) => number) =>
    gauge(
      `federation_call_budget_${name}`,
      help,
      rows.map((row) => ({ labels: { budget: row.budget }, value: value(row) })),
    );
  return [
    family("tokens", "Calls left as of the last call; some came back since.", ({ tokens }) => tokens),
    family(
      "blocked_seconds",
      "For how long the provider wants no call; 0: it takes them.",
      ({ blocked }) => blocked,
    ),
    family("waiting", "Who stands in line for a call.", ({ waiting }) => waiting),
    family(
      "longest_wait_seconds",
      "For how long the first in line has stood there.",
      ({ longest }) => longest,
    ),
  ];
}
