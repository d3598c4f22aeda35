import { appendAudit, PLATFORM_STREAM } from "../audit/append.ts";
import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { isUuid } from "../uuid.ts";
import type { Host, OwnedThing } from "../providers/hosts/host.ts";

export interface Swept {
  /** Departments whose things were taken off the host. */
  removed: string[];
  /** Things with our mark that belong to no department here: for a person to look at. */
  unknown: OwnedThing[];
}

/**
 * Takes off a host what departments left there that are gone, or live elsewhere, and that no run is at work on. What
 * bears the mark of no department of this database is listed and left alone.
 */
export async function sweepStrays(sql: Sql, host: Host, signal: AbortSignal): Promise<Swept> {
  const things = await host.listOwned(signal);
  const owners = [...new Set(things.flatMap(({ departmentId = "" }) => departmentId))].filter(isUuid);
  const rows = await sql<{ id: string; stray: boolean }[]>`
    select d.id, federation.is_stray(d.id, ${host.name}) as stray from federation.department d
    where d.id = any(${owners}::uuid[])`;
  const removed = [];
  for (const { id, stray } of rows) {
    if (!stray) continue;
    await remove(sql, host, id, signal);
    removed.push(id);
  }
  const known = new Set(rows.map(({ id }) => id));
  return { removed, unknown: things.filter(({ departmentId }) => !known.has(departmentId ?? "")) };
}

async function remove(sql: Sql, host: Host, departmentId: string, signal: AbortSignal): Promise<void> {
  const fence = async (tx: Sql | Tx = sql) => {
    const [row] = await tx`select federation.is_stray(${departmentId}, ${host.name}) as stray`;
    if (row?.["stray"] !== true) throw conflict("not_stray", "The department is at work there again.");
  };
  await host.destroy(departmentId, { idempotencyKey: `sweep:${departmentId}`, signal, fence });
  await withTx(sql, async (tx) => {
    await tx`
      update federation.resource set deleted_at = clock_timestamp(), orphaned_at = null, orphan_reason = null
      where department_id = ${departmentId} and provider = ${host.name} and deleted_at is null`;
    const event = { stream: PLATFORM_STREAM, actor: "sweep-strays", actorKind: "system" as const };
    const meta = { host: host.name, department: departmentId };
    await appendAudit(tx, [{ ...event, action: "host.sweep", target: departmentId, decision: "done", meta }]);
  });
}
