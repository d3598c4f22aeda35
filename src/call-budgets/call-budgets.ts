import type { Sql } from "../db/tx.ts";

/** A token bucket. A window's limit is kept exactly when `capacity` + `perSecond` x the window's seconds is the limit. */
export interface CallBudget {
  name: string;
  /** Calls that may go at once. */
  capacity: number;
  perSecond: number;
  /** Who was served and asks again within ten minutes is before all who came later: what was begun is ended first. */
  keepsPlace: boolean;
}

/** Budgets of calls, shared by all workers through the database; they outlive every one of them. */
export interface CallBudgets {
  /**
   * Takes one call's worth of every budget, or of none: 0, or the seconds until asking again is worth while. Who waits
   * is served in the order of asking, one place for each holder.
   */
  take(holder: string, budgets: readonly CallBudget[]): Promise<number>;
  /** Nobody takes from it for so long: the provider said so. */
  block(name: string, seconds: number): Promise<void>;
  /** The provider says that less is left than we think: others use it too. */
  lower(name: string, tokens: number): Promise<void>;
}

/** A block that comes so soon after the one before it is the same one going on. */
const sameBlockSeconds = 120;

/** `lateSeconds`: how long a place is kept free for whoever does not come at its time. */
export function createCallBudgets(sql: Sql, { lateSeconds }: { lateSeconds: number }): CallBudgets {
  return {
    async take(holder, budgets) {
      const wanted = budgets.map(({ name, capacity, perSecond, keepsPlace }) => ({
        name,
        capacity,
        per_second: perSecond,
        keeps_place: keepsPlace,
      }));
      const [row] = await sql<{ seconds: number }[]>`
        select wait_seconds as seconds from federation.take_calls(${holder}, ${sql.json(wanted)}, ${lateSeconds})`;
      return row?.seconds ?? 0;
    },
    async block(name, seconds) {
      await sql`
        update federation.call_budget set
          blocked_until = greatest(blocked_until, clock_timestamp() + make_interval(secs => ${seconds})),
          blocked_since = case when blocked_until > clock_timestamp() - make_interval(secs => ${sameBlockSeconds})
            then coalesce(blocked_since, clock_timestamp()) else clock_timestamp() end
        where name = ${name}`;
    },
    async lower(name, tokens) {
      await sql`update federation.call_budget set tokens = least(tokens, ${tokens}) where name = ${name}`;
    },
  };
}
