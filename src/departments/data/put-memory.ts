import type { Ctx } from "../../context.ts";
import { unprocessable } from "../../errors.ts";
import type { MemoryBatch } from "./memory.ts";
import { onRecord } from "./on-record.ts";

/** Adds memories, or replaces those whose id is given. Throws 422 for a session that is not there. */
export async function putMemory(ctx: Ctx, idOrSlug: string, { items }: MemoryBatch): Promise<{ ids: string[] }> {
  const rows = items.map((item) => ({ ...item, id: item.id ?? Bun.randomUUIDv7() }));
  const access = { action: "memory.upsert", meta: { items: rows.length } };
  await orUnknownSession(
    onRecord(ctx, idOrSlug, access, (tx, { schemaName }) => tx`
      insert into ${tx(schemaName)}.memory (id, category, content, importance, session_id)
      select r.id, r.category, r.content, r.importance, r.session_id
      from jsonb_to_recordset(${tx.json(rows)}) as r(id uuid, category text, content text, importance smallint, session_id uuid)
      on conflict (id) do update set category = excluded.category, content = excluded.content,
        importance = excluded.importance, session_id = excluded.session_id, updated_at = clock_timestamp()`),
  );
  return { ids: rows.map((row) => row.id) };
}

const foreignKeyViolation = "23503";

/** Turns the foreign key's refusal into a 422: the only one a caller can cause names a session. */
async function orUnknownSession<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === foreignKeyViolation) {
      throw unprocessable("unknown_session", "There is no such session.", [{ path: "session_id", message: "is not known" }]);
    }
    throw error;
  }
}
