import type { Ctx } from "../context.ts";
import { notFound } from "../errors.ts";
import type { GrantView } from "./grant.ts";
import { type Grant, selectGrant, viewGrant, withinReach } from "./grant-row.ts";

/** One grant, to its source, its target and the platform. Throws 404 to everybody else. */
export async function showGrant(ctx: Ctx, id: string): Promise<GrantView> {
  const sql = ctx.db.app;
  const [grant] = await sql<Grant[]>`${selectGrant(sql)} where g.id = ${id} and ${withinReach(sql, ctx)}`;
  if (!grant) throw notFound();
  return viewGrant(ctx, grant);
}
