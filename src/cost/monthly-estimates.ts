import type { Ctx } from "../context.ts";
import { readPriceBook } from "./price-book.ts";
import { readEstimates } from "./read-estimates.ts";

/** What these departments are expected to cost in a month, in micro-dollars, by id; none for one without a definition. */
export async function monthlyEstimates(
  ctx: Pick<Ctx, "db" | "config">,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const found = await readEstimates(ctx, await readPriceBook(), ids);
  return new Map(found.map(({ id, estimate }) => [id, estimate.month_micro_usd]));
}
