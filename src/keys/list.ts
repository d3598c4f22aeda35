import { z } from "zod";
import { readOnRecord } from "../audit/read-on-record.ts";
import type { Ctx } from "../context.ts";
import { idAfter, type Page, pageOf, type PageQuery } from "../db/cursor.ts";
import { resolveDepartment } from "../departments/resolve.ts";
import { countUses } from "./count-uses.ts";

export const dataKeyView = z.object({
  id: z.uuid(),
  department_id: z.uuid().nullable(),
  purpose: z.string(),
  kek_id: z.string(),
  status: z.enum(["active", "retiring", "destroyed"]),
  /** Values it seals now. */
  uses: z.int(),
  created_at: z.string(),
});
export const kekView = z.object({
  id: z.string(),
  /** Wraps new keys of the process that answers. */
  current: z.boolean(),
  /** Data keys it wraps now. */
  uses: z.int(),
  created_at: z.string(),
  retired_at: z.string().nullable(),
});
export const signingKeyView = z.object({
  kid: z.string(),
  status: z.enum(["published", "active", "retired"]),
  private_half: z.enum(["kept", "destroyed"]),
  created_at: z.string(),
  retired_at: z.string().nullable(),
});

export type DataKeyView = z.infer<typeof dataKeyView>;
export type KekView = z.infer<typeof kekView>;
export type SigningKeyView = z.infer<typeof signingKeyView>;

export interface KeyInventory extends Page<DataKeyView> {
  keks: KekView[];
  signing_keys: SigningKeyView[];
  /** Of the data keys that seal new values. */
  oldest_active_days: number;
}

export interface KeyQuery extends PageQuery {
  department_id?: string | undefined;
}

/** Data keys by page, and with each page all KEKs and signing keys; never a key itself; the look is on record. */
export async function listKeys(ctx: Ctx, query: KeyQuery): Promise<KeyInventory> {
  await readOnRecord(ctx, { action: "key.inventory" });
  const [page, keks, signingKeys, oldestDays] = await Promise.all([
    listDataKeys(ctx, query),
    listKeks(ctx),
    listSigningKeys(ctx),
    oldestActiveDays(ctx),
  ]);
  return { ...page, keks, signing_keys: signingKeys, oldest_active_days: oldestDays };
}

async function listDataKeys(ctx: Ctx, query: KeyQuery): Promise<Page<DataKeyView>> {
  const { app } = ctx.db;
  const after = idAfter(query) ?? null;
  const wanted = query.department_id;
  const department = wanted === undefined ? null : (await resolveDepartment(ctx, wanted)).id;
  const rows = await app<Omit<DataKeyView, "uses">[]>`
    select id, department_id, purpose, kek_id, status, to_json(created_at)#>>'{}' as created_at
    from federation.data_key
    where (${after}::uuid is null or id > ${after}) and (${department}::uuid is null or department_id = ${department})
    order by id limit ${query.limit + 1}`;
  const uses = await countUses(
    app,
    rows.map((row) => row.id),
  );
  return pageOf(
    rows.map((row) => ({ ...row, uses: uses.get(row.id) ?? 0 })),
    query,
  );
}

async function listKeks(ctx: Ctx): Promise<KekView[]> {
  const rows = await ctx.db.app<KekView[]>`
    select kek_id as id, kek_id = ${ctx.vault.rotation.kekId} as current,
      (select count(*)::int from federation.data_key k where k.kek_id = c.kek_id and k.wrapped is not null) as uses,
      to_json(created_at)#>>'{}' as created_at, to_json(retired_at)#>>'{}' as retired_at
    from federation.kek_check c order by c.created_at, c.kek_id`;
  return [...rows];
}

async function listSigningKeys(ctx: Ctx): Promise<SigningKeyView[]> {
  const rows = await ctx.db.app<SigningKeyView[]>`
    select kid, status, case when private_sealed is null then 'destroyed' else 'kept' end as private_half,
      to_json(created_at)#>>'{}' as created_at, to_json(retired_at)#>>'{}' as retired_at
    from federation.signing_key order by signing_key.created_at, kid`;
  return [...rows];
}

async function oldestActiveDays(ctx: Ctx): Promise<number> {
  const [row] = await ctx.db.app<{ days: number }[]>`
    select coalesce(floor(extract(epoch from clock_timestamp() - min(created_at)) / 86400), 0)::int as days
    from federation.data_key where status = 'active'`;
  return row?.days ?? 0;
}
