import type { z } from "zod";
import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { unprocessable } from "../../errors.ts";
import { onRecord } from "./on-record.ts";
import type { recordedToolResult, ToolResult } from "./tool-result.ts";

/**
 * Records how a tool's call ended, in the department's own data. The first end counts: a repetition, or an older message
 * that comes later, changes nothing. Throws 422 `unknown_session`.
 */
export async function recordToolResult(
  ctx: Ctx,
  idOrSlug: string,
  call: ToolResult,
): Promise<z.infer<typeof recordedToolResult>> {
  const access = { action: "tool_call.finish", meta: { tool: call.tool, status: call.status } };
  return onRecord(ctx, idOrSlug, access, async (tx, { schemaName }) => {
    await checkSession(tx, schemaName, call.session_id);
    const written = await tx`
      insert into ${tx(schemaName)}.tool_call as c (call_id, session_id, tool, parameters, status, result, error,
        voice_response, duration_ms, finished_at)
      values (${call.call_id}, ${call.session_id}, ${call.tool}, ${tx.json(call.parameters)}, ${call.status},
        ${call.result === undefined ? null : tx.json(call.result as never)}, ${call.error ?? null},
        ${call.voice_response ?? null}, ${call.duration_ms ?? null}, clock_timestamp())
      on conflict (call_id) do update set status = excluded.status, result = excluded.result, error = excluded.error,
        voice_response = excluded.voice_response, duration_ms = excluded.duration_ms, finished_at = excluded.finished_at
      where c.status = 'EXECUTING'`;
    return { call_id: call.call_id, recorded: written.count > 0 };
  });
}

async function checkSession(tx: Tx, schemaName: string, id: string | null): Promise<void> {
  if (id === null) return;
  const [session] = await tx`select from ${tx(schemaName)}.session where id = ${id} for key share`;
  if (session) return;
  const errors = [{ path: "data.session_id", message: "is not known" }];
  throw unprocessable("unknown_session", "There is no such session.", errors);
}
