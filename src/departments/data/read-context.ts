import type { Ctx } from "../../context.ts";
import type { ContextEntry, ContextQuery } from "./context.ts";
import { onRecord } from "./on-record.ts";

/** What is kept in mind for a session, or for none, without what has expired. */
export async function readContext(ctx: Ctx, idOrSlug: string, query: ContextQuery): Promise<ContextEntry[]> {
  const { session_id, type = null, key = null } = query;
  const access = { action: "context.read", meta: { session: session_id } };
  return onRecord(ctx, idOrSlug, access, async (tx, { schemaName }) => [
    ...(await tx<ContextEntry[]>`
      select c.type, c.key, c.value, to_json(c.expires_at)#>>'{}' as expires_at
      from ${tx(schemaName)}.session_context c
      where c.session_id = ${session_id} and (c.expires_at is null or c.expires_at > clock_timestamp())
        and (${type}::text is null or c.type = ${type}::text) and (${key}::text is null or c.key = ${key}::text)
      order by c.type, c.key limit 1000`),
  ]);
}
