import type { Sql, Tx } from "../db/tx.ts";
import { type LimitKind, type TakenHits, takenHits } from "./limit.ts";

/**
 * Counts one hit against each of these limits, or against none when one of them refuses: exact over all processes, in
 * one statement. In a transaction that rolls back nothing was counted.
 */
export async function takeHits(
  sql: Sql | Tx,
  wanted: readonly { kind: LimitKind; key: string }[],
): Promise<TakenHits> {
  const [row] = await sql<{ taken: unknown }[]>`
    select federation.take_policy_hits(${sql.json(wanted.map((limit) => ({ ...limit })))}) as taken`;
  return takenHits.parse(row?.taken);
}
