import { appendAudit, type AuditEvent } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { type Tx, withTx } from "../db/tx.ts";
import { auditActor } from "../members/audit-actor.ts";
import { grantEvents } from "./grant-events.ts";
import { type Grant, selectGrant } from "./grant-row.ts";

const batchMax = 200;

/** Ends every request that nobody answered in time; tells how many. */
export async function lapseGrants(ctx: Ctx): Promise<number> {
  let lapsed = 0;
  for (;;) {
    const events = await withTx(ctx.db.app, async (tx) => {
      const found = await lapseRequests(tx, ctx, {});
      await appendAudit(tx, found);
      return found.length;
    });
    lapsed += events / 2;
    if (events === 0) return lapsed;
  }
}

/** Ends them within a transaction, of one source or of any; answers what is to go on record. */
export async function lapseRequests(
  tx: Tx,
  ctx: Pick<Ctx, "caller" | "requestId">,
  { source }: { source?: string },
): Promise<AuditEvent[]> {
  const lapsed = await tx<{ id: string }[]>`
    update federation.access_grant set status = 'lapsed'
    where status = 'requested' and id in (
      select g.id from federation.access_grant g
      where g.status = 'requested' and g.lapses_at <= clock_timestamp()
        and (${source ?? null}::uuid is null or g.source = ${source ?? null}::uuid)
      order by g.id limit ${batchMax} for update skip locked)
    returning id`;
  if (lapsed.length === 0) return [];
  const grants = await tx<
    Grant[]
  >`${selectGrant(tx)} where g.id = any(${lapsed.map(({ id }) => id)}) order by g.id`;
  const event = { ...auditActor(ctx), action: "grant.lapse", decision: "done" as const };
  return grants.flatMap((grant) => grantEvents(grant, event));
}
