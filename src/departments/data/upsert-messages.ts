import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { checkSessions } from "./check-sessions.ts";
import type { MessageInput } from "./message.ts";
import { onRecord } from "./on-record.ts";
import type { Upserted } from "./upserted.ts";

/** Adds messages of sessions, or replaces what is said of them; a repetition changes nothing. Throws 422 `unknown_session`. */
export async function upsertMessages(
  ctx: Ctx,
  idOrSlug: string,
  messages: readonly MessageInput[],
): Promise<Upserted> {
  const access = { action: "message.upsert", meta: { items: messages.length } };
  return onRecord(ctx, idOrSlug, access, async (tx, { schemaName }) => {
    const named = messages.map(({ session_id: id }, index) => ({ id, path: `items.${index}.session_id` }));
    await checkSessions(tx, schemaName, named);
    return write(tx, schemaName, messages);
  });
}

/** In two steps, because what an item leaves out stays as it is: an upsert could not tell it from a default. */
async function write(tx: Tx, schemaName: string, messages: readonly MessageInput[]): Promise<Upserted> {
  const given = tx`jsonb_to_recordset(${tx.json(messages as never)}) as r(id uuid, session_id uuid, role text, text text,
    tokens integer, latency_ms integer, created_at timestamptz)`;
  const inserted = await tx`
    insert into ${tx(schemaName)}.message (id, session_id, role, text, tokens, latency_ms, created_at)
    select r.id, r.session_id, r.role, r.text, r.tokens, r.latency_ms, coalesce(r.created_at, clock_timestamp())
    from ${given} order by r.id
    on conflict (id) do nothing`;
  await tx`
    select from ${tx(schemaName)}.message m where m.id = any(${messages.map(({ id }) => id)}::uuid[])
    order by m.id for no key update`;
  const updated = await tx`
    update ${tx(schemaName)}.message m set session_id = r.session_id, role = r.role, text = r.text,
      tokens = coalesce(r.tokens, m.tokens), latency_ms = coalesce(r.latency_ms, m.latency_ms),
      created_at = coalesce(r.created_at, m.created_at)
    from ${given}
    where m.id = r.id and (m.session_id, m.role, m.text, m.tokens, m.latency_ms, m.created_at) is distinct from
      (r.session_id, r.role, r.text, coalesce(r.tokens, m.tokens), coalesce(r.latency_ms, m.latency_ms),
        coalesce(r.created_at, m.created_at))`;
  return { inserted: inserted.count, updated: updated.count };
}
