import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { type CollectionName, collections } from "./collections.ts";
import { onRecord } from "./on-record.ts";
import { type Upserted, upsertedOf } from "./upserted.ts";

/** Adds or replaces items by source and external id, all or none, in one statement. */
export async function upsertItems(
  ctx: Ctx,
  idOrSlug: string,
  name: CollectionName,
  items: readonly object[],
): Promise<Upserted> {
  const access = { action: `${collections[name].table}.upsert`, meta: { items: items.length } };
  return onRecord(ctx, idOrSlug, access, (tx, { schemaName }) => upsert(tx, schemaName, name, items));
}

async function upsert(
  tx: Tx,
  schemaName: string,
  name: CollectionName,
  items: readonly object[],
): Promise<Upserted> {
  const { table, columns } = collections[name];
  const names = Object.keys(columns);
  const raw = (parts: string[]) => tx.unsafe(parts.join(", "));
  const rows = items.map((item) => ({ id: Bun.randomUUIDv7(), ...item }));
  return upsertedOf(
    await tx<{ inserted: boolean }[]>`
    insert into ${tx(schemaName)}.${tx(table)} (id, ${raw(names)})
    select r.id, ${raw(names.map((column) => `r.${column}`))}
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(id uuid, ${raw(Object.entries(columns).map((pair) => pair.join(" ")))})
    order by r.source, r.external_id
    on conflict (source, external_id) do update set
      ${raw(names.slice(2).map((column) => `${column} = excluded.${column}`))}, updated_at = clock_timestamp()
    returning (xmax = 0) as inserted`,
  );
}
