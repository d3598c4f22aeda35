import type { Ctx } from "../context.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import type { Cost, DepartmentCost } from "./cost-view.ts";
import { type PriceBook, readPriceBook } from "./price-book.ts";
import { projectCosts } from "./project-costs.ts";
import { readActual } from "./read-actual.ts";
import { readEstimates } from "./read-estimates.ts";

/** What all departments cost in a month, and what more of them would. */
export async function showCost(ctx: Ctx): Promise<Cost> {
  const book = await readPriceBook();
  const departments = await costOf(ctx, book, undefined);
  const sum = departments.reduce((total, { estimate }) => total + estimate.month_micro_usd, 0);
  return { departments, month_micro_usd: sum, projection: projectCosts(book) };
}

/** What one department is expected to cost in a month, and what its host metered so far. Throws 404. */
export async function showDepartmentCost(ctx: Ctx, idOrSlug: string): Promise<DepartmentCost> {
  const { id, slug, host, status } = await resolveDepartment(ctx, idOrSlug);
  const book = await readPriceBook();
  const [cost] = await costOf(ctx, book, id);
  if (cost) return cost;
  // Without a definition, or gone: nothing of it runs any more.
  const estimate = { host, prices_as_of: book.as_of, lines: [], month_micro_usd: 0 };
  const actual =
    status === "deprovisioned" ? ((await readActual(ctx.db.app, book, [id])).get(id) ?? null) : null;
  return { department_id: slug, estimate, actual };
}

async function costOf(
  ctx: Ctx,
  book: PriceBook,
  departmentId: string | undefined,
): Promise<DepartmentCost[]> {
  const rows = await readEstimates(ctx, book, departmentId === undefined ? undefined : [departmentId]);
  const ids = rows.map(({ id }) => id);
  const actual = await readActual(ctx.db.app, book, ids);
  return rows.map(({ id, slug, estimate }) => ({
    department_id: slug,
    estimate,
    actual: actual.get(id) ?? null,
  }));
}
