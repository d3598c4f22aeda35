import { z } from "zod";
import { departmentConfig } from "../config-schema/department.ts";
import type { Ctx } from "../context.ts";
import { hostNames } from "../providers/hosts/host.ts";
import type { Estimate } from "./cost-view.ts";
import { estimateDepartment } from "./estimate-department.ts";
import type { PriceBook } from "./price-book.ts";
import { shapeOf } from "./shape-of.ts";

const stored = z.object({
  id: z.uuid(),
  slug: z.string(),
  host: z.enum(hostNames),
  document: departmentConfig,
});

/** What each department that is not gone and has a definition is expected to cost, by slug; of these ids where given. */
export async function readEstimates(
  ctx: Pick<Ctx, "db" | "config">,
  book: PriceBook,
  ids: readonly string[] | undefined,
): Promise<{ id: string; slug: string; estimate: Estimate }[]> {
  const sql = ctx.db.app;
  const rows = await sql`
    select d.id, d.slug, d.host, c.document
    from federation.department d
    join federation.department_config c on c.department_id = d.id and c.version = d.config_version
    where d.status <> 'deprovisioned' ${ids === undefined ? sql`` : sql`and d.id = any(${[...ids]}::uuid[])`}
    order by d.slug`;
  return z
    .array(stored)
    .parse([...rows])
    .map(({ id, slug, host, document }) => ({
      id,
      slug,
      estimate: estimateDepartment(book, shapeOf(ctx.config, host, document)),
    }));
}
