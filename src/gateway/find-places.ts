import type { Ctx } from "../context.ts";
import { forbidden } from "../errors.ts";
import { isUuid } from "../uuid.ts";

export interface RateLimit {
  hits: number;
  windowSeconds: number;
}

export interface Places {
  caller: string;
  target: string;
  limit: RateLimit;
}

/** Who asks and who is asked. An unknown target gets an id that belongs to nobody. */
export async function findPlaces(ctx: Ctx, target: string): Promise<Places> {
  const caller = ctx.caller.departmentId;
  if (caller === undefined) throw forbidden("not_a_department", "This is for who belongs to a department.");
  const [found] = await ctx.db.app<{ target: string | null; hits: number; seconds: number }[]>`
    select query_limit as hits, query_window_seconds as seconds,
      (select t.id from federation.department t where t.status <> 'deprovisioned'
        and ${isUuid(target) ? ctx.db.app`t.id = ${target}` : ctx.db.app`t.slug = ${target}`}) as target
    from federation.department where id = ${caller}`;
  if (!found) throw forbidden("not_a_department", "This is for who belongs to a department.");
  const limit = { hits: found.hits, windowSeconds: found.seconds };
  return { caller, target: found.target ?? Bun.randomUUIDv7(), limit };
}
