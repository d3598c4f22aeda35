import { sealedColumns } from "../crypto/sealed-columns.ts";
import type { Sql, Tx } from "../db/tx.ts";

/** How many values each of these data keys seals now. */
export async function countUses(sql: Sql | Tx, keyIds: readonly string[]): Promise<Map<string, number>> {
  const uses = new Map(keyIds.map((id) => [id, 0]));
  for (const { table, column } of sealedColumns) {
    const rows = await sql<{ id: string; uses: number }[]>`
      select split_part(${sql(column)}, '.', 3) as id, count(*)::int as uses from federation.${sql(table)}
      where split_part(${sql(column)}, '.', 3) = any (${[...keyIds]}::text[]) group by 1`;
    for (const row of rows) uses.set(row.id, (uses.get(row.id) ?? 0) + row.uses);
  }
  return uses;
}
