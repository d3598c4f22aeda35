import type { Ctx } from "../context.ts";

/** How many alerts of the whole platform are open now. */
export async function countFiring(ctx: Pick<Ctx, "db">): Promise<number> {
  const [row] = await ctx.db.app<{ count: number }[]>`
    select count(*)::int as count from federation.alert where status = 'firing'`;
  return row?.count ?? 0;
}
