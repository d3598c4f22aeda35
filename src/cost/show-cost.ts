import { z } from "zod";
import { departmentConfig } from "../config-schema/department.ts";
import type { Ctx } from "../context.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { hostNames } from "../providers/hosts/host.ts";
import type { Cost, DepartmentCost } from "./cost-view.ts";
import { estimateDepartment } from "./estimate-department.ts";
import { type PriceBook, readPriceBook } from "./price-book.ts";
import { projectCosts } from "./project-costs.ts";
import { readActual } from "./read-actual.ts";
import { shapeOf } from "./shape-of.ts";

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

const stored = z.object({
  id: z.uuid(),
  slug: z.string(),
  host: z.enum(hostNames),
  document: departmentConfig,
});

async function costOf(
  ctx: Ctx,
  book: PriceBook,
  departmentId: string | undefined,
): Promise<DepartmentCost[]> {
  const sql = ctx.db.app;
  const rows = z.array(stored).parse([
    ...(await sql`
      select d.id, d.slug, d.host, c.document
      from federation.department d
      join federation.department_config c on c.department_id = d.id and c.version = d.config_version
      where d.status <> 'deprovisioned' ${departmentId === undefined ? sql`` : sql`and d.id = ${departmentId}`}
      order by d.slug`),
  ]);
  const actual = await readActual(
    sql,
    book,
    rows.map(({ id }) => id),
  );
  return rows.map(({ id, slug, host, document }) => ({
    department_id: slug,
    estimate: estimateDepartment(book, shapeOf(ctx.config, host, document)),
    actual: actual.get(id) ?? null,
  }));
}
