import { type SealedColumn, sealedColumns } from "../crypto/sealed-columns.ts";
import type { Vault } from "../crypto/vault.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";
import type { Holder } from "./claim-rotation.ts";
import { countUses } from "./count-uses.ts";
import { holdRotation } from "./hold-rotation.ts";
import type { Outcome, Rotation } from "./rotation.ts";

export interface ResealMeans {
  sql: Sql;
  vault: Pick<Vault, "rotation">;
  batchSize: number;
}

/** A value sealed right before the rotation may still be on its way in: the old key is open to it for so long. */
const openSeconds = 2;
const idlePassesMax = 3;

/**
 * One batch of values from the old key to the new one. A value is changed only while it is what was read, so a writer
 * always wins, and with the new key. Over only when none is left and the old key takes no more.
 */
export async function resealValues(means: ResealMeans, holder: Holder, rotation: Rotation): Promise<Outcome> {
  const { fromId, toId, departmentId } = rotation;
  if (fromId === null || toId === null) throw new FederationError("internal", "A rotation without its keys.");
  const { column: at = 0, after = [], moved: movedBefore = 0 } = rotation.cursor ?? {};
  for (const [index, column] of sealedColumns.entries()) {
    if (index < at) continue;
    const rows = await readBatch(means, column, fromId, index === at ? after : []);
    if (rows.length === 0) continue;
    const values = rows.map((row) => ({ place: placeOf(column, row), sealed: row.sealed }));
    const fresh = await means.vault.rotation.reseal({ fromId, toId, departmentId }, values);
    await withTx(means.sql, async (tx) => {
      const moved = await replaceValues(tx, column, rows, fresh);
      const cursor = { column: index, after: rows.at(-1)?.row_id ?? [], moved: movedBefore + moved };
      await holdRotation(tx, holder, rotation).note({ moved, cursor });
      rotation.cursor = cursor;
    });
    return "more";
  }
  return endPass(means, holder, rotation, fromId);
}

/** Everybody who seals with the old key holds its row, so that with it in hand the count is final. */
async function endPass(
  means: ResealMeans,
  holder: Holder,
  rotation: Rotation,
  fromId: string,
): Promise<Outcome> {
  return withTx(means.sql, async (tx): Promise<Outcome> => {
    const held = holdRotation(tx, holder, rotation);
    await tx`select from federation.data_key where id = ${fromId} for update`;
    const left = (await countUses(tx, [fromId])).get(fromId) ?? 0;
    const waitSeconds = openSeconds - rotation.ageSeconds;
    if (left === 0 && waitSeconds <= 0) {
      await tx`update federation.data_key set closed_at = clock_timestamp() where id = ${fromId} and status = 'retiring'`;
      await held.succeed();
      return "done";
    }
    const idlePasses = left > 0 && (rotation.cursor?.moved ?? 0) === 0 ? rotation.idlePasses + 1 : 0;
    if (idlePasses >= idlePassesMax) {
      await held.fail("values_do_not_open");
      return "done";
    }
    await held.note({ moved: 0, cursor: null, idlePasses });
    rotation.cursor = null;
    rotation.idlePasses = idlePasses;
    if (left > 0) return "more";
    await held.wait(waitSeconds);
    return { waitSeconds };
  });
}

interface Row {
  at: string;
  sealed: string;
  row_id: string[];
  department: string | null;
  version: number;
}

const placeOf = ({ table, column }: SealedColumn, row: Row) => ({
  departmentId: row.department ?? undefined,
  table,
  column,
  rowId: row.row_id.join(":"),
  rowVersion: row.version,
});

/** Names come from sealed-columns.ts, never from outside. */
async function readBatch(
  { sql, batchSize }: ResealMeans,
  { table, column, departmentColumn, rowIdColumns, rowVersionColumn }: SealedColumn,
  fromId: string,
  after: readonly string[],
): Promise<Row[]> {
  const ids = rowIdColumns.join(", ");
  const parameters = after.map((_, index) => `$${index + 3}`).join(", ");
  const text = `
    select ctid::text as at, ${column} as sealed, array[${rowIdColumns.map((id) => `${id}::text`).join(", ")}] as row_id,
      ${departmentColumn ?? "null::uuid"} as department, ${rowVersionColumn ?? "0"} as version
    from federation.${table}
    where split_part(${column}, '.', 3) = $1 ${after.length > 0 ? `and (${ids}) > (${parameters})` : ""}
    order by ${ids} limit $2`;
  return [...(await sql.unsafe<Row[]>(text, [fromId, batchSize, ...after], { prepare: true }))];
}

/** Where a row is in its table names it only together with its value: another version of it is somewhere else. */
async function replaceValues(
  tx: Tx,
  { table, column }: SealedColumn,
  rows: readonly Row[],
  fresh: readonly (string | undefined)[],
): Promise<number> {
  const changes = rows.flatMap((row, index) => {
    const text = fresh[index];
    return text === undefined ? [] : [{ at: row.at, old: row.sealed, text }];
  });
  const result = await tx`
    update federation.${tx(table)} r set ${tx(column)} = v.fresh
    from unnest(${changes.map((change) => change.at)}::text[]::tid[], ${changes.map((change) => change.old)}::text[],
      ${changes.map((change) => change.text)}::text[]) as v (at, old, fresh)
    where r.ctid = v.at and r.${tx(column)} = v.old`;
  return result.count;
}
