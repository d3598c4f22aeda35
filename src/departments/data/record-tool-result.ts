import type { z } from "zod";
import type { Ctx } from "../../context.ts";
import { onRecord } from "./on-record.ts";
import type { recordedToolResult, ToolResult } from "./tool-result.ts";
import { writeToolCalls } from "./write-tool-calls.ts";

/** Records how a tool's call ended, in the department's own data; the first end counts. Throws 422 `unknown_session`. */
export async function recordToolResult(
  ctx: Ctx,
  idOrSlug: string,
  call: ToolResult,
): Promise<z.infer<typeof recordedToolResult>> {
  const access = { action: "tool_call.finish", meta: { tool: call.tool, status: call.status } };
  return onRecord(ctx, idOrSlug, access, async (tx, { schemaName }) => {
    const { inserted, updated } = await writeToolCalls(tx, schemaName, [call], () => "data");
    return { call_id: call.call_id, recorded: inserted + updated > 0 };
  });
}
