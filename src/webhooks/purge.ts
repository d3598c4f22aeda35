import type { Sql } from "../db/tx.ts";

const keptDays = 30;

/** Forgets events older than 30 days with what became of them, and secrets that ended; tells how many events. */
export async function purgeWebhooks(sql: Sql): Promise<number> {
  await sql`delete from federation.webhook_secret where ends_at < clock_timestamp()`;
  const { count } = await sql`
    delete from federation.webhook_event e
    where e.created_at < clock_timestamp() - make_interval(days => ${keptDays}) and e.fanned_out_at is not null
      and not exists (select from federation.webhook_delivery v where v.event_id = e.id and v.status in ('waiting', 'sending'))`;
  return count;
}
