import type { Tx } from "../../db/tx.ts";
import { checkSessions } from "./check-sessions.ts";
import type { ToolCall } from "./tool-call.ts";
import { type Upserted, upsertedOf } from "./upserted.ts";

/**
 * Writes calls of tools, each named once. The first end counts: a repetition, or an older message that comes later,
 * changes nothing. `pathOf` says where the request has a call. Throws 422 `unknown_session`.
 */
export async function writeToolCalls(
  tx: Tx,
  schemaName: string,
  calls: readonly ToolCall[],
  pathOf: (index: number) => string,
): Promise<Upserted> {
  await checkSessions(
    tx,
    schemaName,
    calls.map(({ session_id: id }, index) => ({ id, path: `${pathOf(index)}.session_id` })),
  );
  return upsertedOf(
    await tx<{ inserted: boolean }[]>`
    insert into ${tx(schemaName)}.tool_call as c (call_id, session_id, tool, parameters, status, result, error,
      voice_response, duration_ms, finished_at)
    select r.call_id, r.session_id, r.tool, r.parameters, r.status, r.result, r.error, r.voice_response, r.duration_ms,
      case when r.status <> 'EXECUTING' then clock_timestamp() end
    from jsonb_to_recordset(${tx.json(calls as never)}) as r(call_id text, session_id uuid, tool text, parameters jsonb,
      status text, result jsonb, error text, voice_response text, duration_ms integer)
    order by r.call_id
    on conflict (call_id) do update set status = excluded.status, result = excluded.result, error = excluded.error,
      voice_response = excluded.voice_response, duration_ms = excluded.duration_ms, finished_at = excluded.finished_at
    where c.status = 'EXECUTING' and excluded.status <> 'EXECUTING'
    returning (xmax = 0) as inserted`,
  );
}
