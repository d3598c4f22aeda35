import { z } from "zod";
import type { Ctx } from "../context.ts";

export const callBudgetView = z.object({
  name: z.string(),
  /** As of the last call; some came back since. */
  tokens: z.number(),
  refilled_at: z.string(),
  blocked_until: z.string().nullable(),
  waiting: z.int(),
  longest_wait_seconds: z.number(),
});
export type CallBudgetView = z.infer<typeof callBudgetView>;

/** The budgets of calls to providers, and who stands in line for them. */
export async function listCallBudgets({ db }: Ctx): Promise<CallBudgetView[]> {
  const rows = await db.app<CallBudgetView[]>`
    select b.name, b.tokens, to_json(b.refilled_at)#>>'{}' as refilled_at,
      case when b.blocked_until > clock_timestamp() then to_json(b.blocked_until)#>>'{}' end as blocked_until,
      count(w.holder)::int as waiting,
      coalesce(greatest(0, extract(epoch from clock_timestamp() - min(w.since))), 0)::float8 as longest_wait_seconds
    from federation.call_budget b
    left join federation.call_waiter w on w.budget = b.name and w.served_at is null
    group by b.name order by b.name`;
  return [...rows];
}
