import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { onRecord } from "./on-record.ts";
import type { SessionInput } from "./session.ts";
import type { Upserted } from "./upserted.ts";

/**
 * Opens sessions, and says how they ended; a repetition changes nothing. The earliest start that was said counts, and
 * the first end, so that messages may come late and in any order.
 */
export async function upsertSessions(
  ctx: Ctx,
  idOrSlug: string,
  sessions: readonly SessionInput[],
): Promise<Upserted> {
  const access = { action: "session.upsert", meta: { items: sessions.length } };
  return onRecord(ctx, idOrSlug, access, (tx, { schemaName }) => write(tx, schemaName, sessions));
}

/** In two steps, because what an item leaves out stays as it is: an upsert could not tell it from a default. */
async function write(tx: Tx, schemaName: string, sessions: readonly SessionInput[]): Promise<Upserted> {
  const given = tx`jsonb_to_recordset(${tx.json(sessions as never)}) as r(id uuid, room text, participant text, channel text,
    started_at timestamptz, ended_at timestamptz, end_reason text)`;
  const inserted = await tx`
    insert into ${tx(schemaName)}.session (id, room, participant, channel, started_at, ended_at, end_reason)
    select r.id, r.room, r.participant, coalesce(r.channel, 'voice'),
      coalesce(r.started_at, least(clock_timestamp(), r.ended_at)), r.ended_at, r.end_reason
    from ${given} order by r.id
    on conflict (id) do nothing`;
  await tx`
    select from ${tx(schemaName)}.session s where s.id = any(${sessions.map(({ id }) => id)}::uuid[])
    order by s.id for no key update`;
  const updated = await tx`
    update ${tx(schemaName)}.session s set room = n.room, participant = n.participant, channel = n.channel,
      started_at = n.started_at, ended_at = n.ended_at, end_reason = n.end_reason
    from ${given} join ${tx(schemaName)}.session o on o.id = r.id
    cross join lateral (select r.room, r.participant, coalesce(r.channel, o.channel) as channel,
      least(o.started_at, r.started_at, coalesce(o.ended_at, r.ended_at)) as started_at,
      coalesce(o.ended_at, r.ended_at) as ended_at,
      case when o.ended_at is null then r.end_reason else o.end_reason end as end_reason) n
    where s.id = o.id and (s.room, s.participant, s.channel, s.started_at, s.ended_at, s.end_reason)
      is distinct from (n.room, n.participant, n.channel, n.started_at, n.ended_at, n.end_reason)`;
  return { inserted: inserted.count, updated: updated.count };
}
