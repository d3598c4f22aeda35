import type { Ctx } from "../../context.ts";
import { onRecord } from "./on-record.ts";
import type { ToolCall } from "./tool-call.ts";
import type { Upserted } from "./upserted.ts";
import { writeToolCalls } from "./write-tool-calls.ts";

/** Adds calls of tools, or says how they ended; one that has ended stays as it is. Throws 422 `unknown_session`. */
export async function upsertToolCalls(
  ctx: Ctx,
  idOrSlug: string,
  calls: readonly ToolCall[],
): Promise<Upserted> {
  const access = { action: "tool_call.upsert", meta: { items: calls.length } };
  return onRecord(ctx, idOrSlug, access, (tx, { schemaName }) =>
    writeToolCalls(tx, schemaName, calls, (index) => `items.${index}`),
  );
}
