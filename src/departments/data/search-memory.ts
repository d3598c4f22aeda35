import type { Ctx } from "../../context.ts";
import type { MemoryItem, MemoryQuery } from "./memory.ts";
import { onRecord } from "./on-record.ts";

/** What the assistant remembers: the best matches of `query`, else the most important. */
export async function searchMemory(ctx: Ctx, idOrSlug: string, query: MemoryQuery): Promise<MemoryItem[]> {
  const words = query.query ?? null;
  return onRecord(
    ctx,
    idOrSlug,
    { action: "memory.read", meta: { limit: query.limit } },
    async (tx, { schemaName }) => [
      ...(await tx<MemoryItem[]>`
      select m.id, m.category, m.content, m.importance, m.session_id, to_json(m.updated_at)#>>'{}' as updated_at
      from ${tx(schemaName)}.memory m
      where (${words}::text is null or m.search @@ websearch_to_tsquery('simple', ${words}::text))
        and (${query.category ?? null}::text is null or m.category = ${query.category ?? null}::text)
      order by case when ${words}::text is null then 0 else ts_rank(m.search, websearch_to_tsquery('simple', ${words}::text)) end desc,
        m.importance desc, m.updated_at desc, m.id
      limit ${query.limit}`),
    ],
  );
}
