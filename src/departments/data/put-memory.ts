import type { Ctx } from "../../context.ts";
import { unprocessable } from "../../errors.ts";
import type { MemoryInput } from "./memory.ts";
import { onRecord } from "./on-record.ts";

/** Adds a memory, or replaces the one whose id is given. Throws 422 for a session that is not there. */
export async function putMemory(ctx: Ctx, idOrSlug: string, input: MemoryInput): Promise<{ id: string }> {
  const { category, content, importance, session_id } = input;
  const id = input.id ?? Bun.randomUUIDv7();
  const access = { action: "memory.upsert", meta: { memory: id } };
  await orUnknownSession(
    onRecord(
      ctx,
      idOrSlug,
      access,
      (tx, { schemaName }) => tx`
        insert into ${tx(schemaName)}.memory (id, category, content, importance, session_id)
        values (${id}, ${category}, ${content}, ${importance}, ${session_id})
        on conflict (id) do update set category = excluded.category, content = excluded.content,
          importance = excluded.importance, session_id = excluded.session_id, updated_at = clock_timestamp()`,
    ),
  );
  return { id };
}

const foreignKeyViolation = "23503";

/** Turns the foreign key's refusal into a 422: the only one a caller can cause names a session. */
async function orUnknownSession<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === foreignKeyViolation) {
      const errors = [{ path: "session_id", message: "is not known" }];
      throw unprocessable("unknown_session", "There is no such session.", errors);
    }
    throw error;
  }
}
