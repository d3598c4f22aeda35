import { type Column, sql as text, type SQL } from "drizzle-orm";
import type { Sql, Tx } from "./tx.ts";

interface BuiltQuery<Row> {
  toSQL(): { sql: string; params: unknown[] };
  readonly _: { readonly result: Row[] };
}

/**
 * Runs a query made with drizzle's builder on our own client, which drizzle would otherwise change. Every selected
 * field has to carry the name it is selected under (`as`), since rows come back by column name.
 */
export async function select<Row>(sql: Sql | Tx, query: BuiltQuery<Row>): Promise<Row[]> {
  const built = query.toSQL();
  const rows = await sql.unsafe<Record<string, unknown>[]>(built.sql, built.params as never[]);
  return [...rows] as Row[];
}

/** A timestamp as ISO 8601 text, named. */
export const isoText = <Name extends string>(column: Column, name: Name): SQL.Aliased<string> =>
  text<string>`to_json(${column})#>>'{}'`.as(name);

/** As `isoText` for a column that may be null. */
export const isoTextOrNull = <Name extends string>(column: Column, name: Name): SQL.Aliased<string | null> =>
  text<string | null>`to_json(${column})#>>'{}'`.as(name);
