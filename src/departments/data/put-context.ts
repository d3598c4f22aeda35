import type { Ctx } from "../../context.ts";
import type { ContextBatch } from "./context.ts";
import { onRecord } from "./on-record.ts";

/** Adds or replaces entries by type and key; opens the session if it is new. */
export async function putContext(ctx: Ctx, idOrSlug: string, input: ContextBatch): Promise<{ entries: number }> {
  const { session_id, entries, participant, channel } = input;
  const access = { action: "context.upsert", meta: { session: session_id, entries: entries.length } };
  await onRecord(ctx, idOrSlug, access, async (tx, { schemaName }) => {
    await tx`
      insert into ${tx(schemaName)}.session (id, room, participant, channel)
      values (${session_id}, ${input.room ?? session_id}, ${participant}, ${channel}) on conflict (id) do nothing`;
    await tx`
      insert into ${tx(schemaName)}.session_context (session_id, type, key, value, expires_at)
      select ${session_id}, r.type, r.key, coalesce(r.value, 'null'), clock_timestamp() + make_interval(secs => r.ttl_seconds)
      from jsonb_to_recordset(${tx.json(entries as never)}) as r(type text, key text, value jsonb, ttl_seconds float8)
      on conflict (session_id, type, key) do update set value = excluded.value, expires_at = excluded.expires_at,
        updated_at = clock_timestamp()`;
  });
  return { entries: entries.length };
}
