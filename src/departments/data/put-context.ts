import type { Ctx } from "../../context.ts";
import type { ContextEntry, ContextPlace, ContextValue } from "./context.ts";
import { onRecord } from "./on-record.ts";

/** Keeps a value under its type and key for a session, or for none; opens the session if it is new. */
export async function putContext(
  ctx: Ctx,
  idOrSlug: string,
  { session_id, type, key }: ContextPlace,
  { value, ttl_seconds }: ContextValue,
): Promise<ContextEntry> {
  const access = { action: "context.upsert", meta: { session: session_id } };
  return onRecord(ctx, idOrSlug, access, async (tx, { schemaName }) => {
    await tx`
      insert into ${tx(schemaName)}.session (id, room, participant, channel)
      values (${session_id}, ${session_id}, 'unknown', 'text') on conflict (id) do nothing`;
    const [entry] = await tx<{ expires_at: string | null }[]>`
      insert into ${tx(schemaName)}.session_context as c (session_id, type, key, value, expires_at)
      values (${session_id}, ${type}, ${key}, ${JSON.stringify(value)}::text::jsonb,
        clock_timestamp() + make_interval(secs => ${ttl_seconds ?? null}::float8))
      on conflict (session_id, type, key) do update set value = excluded.value, expires_at = excluded.expires_at,
        updated_at = clock_timestamp()
      returning to_json(c.expires_at)#>>'{}' as expires_at`;
    return { type, key, value, expires_at: entry?.expires_at ?? null };
  });
}
