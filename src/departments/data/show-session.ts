import type { Ctx } from "../../context.ts";
import type { Tx } from "../../db/tx.ts";
import { notFound } from "../../errors.ts";
import type { MessageView } from "./message.ts";
import { onRecord } from "./on-record.ts";
import type { SessionDetail, SessionView } from "./session.ts";
import { sessionColumns } from "./session-columns.ts";
import type { ToolCallView } from "./tool-call.ts";

const shownMax = 1000;

/** A conversation with what was said and which tools were called, in order; the look is on record. Throws 404. */
export async function showSession(ctx: Ctx, idOrSlug: string, id: string): Promise<SessionDetail> {
  const access = { action: "session.read", meta: { session: id } };
  return onRecord(ctx, idOrSlug, access, async (tx, { schemaName }) => {
    const [session] = await tx<SessionView[]>`
      select ${sessionColumns(tx)} from ${tx(schemaName)}.session s where s.id = ${id}`;
    if (!session) throw notFound();
    const messages = await messagesOf(tx, schemaName, id);
    const toolCalls = await toolCallsOf(tx, schemaName, id);
    return {
      ...session,
      messages: messages.slice(0, shownMax).toReversed(),
      tool_calls: toolCalls.slice(0, shownMax).toReversed(),
      truncated: messages.length > shownMax || toolCalls.length > shownMax,
    };
  });
}

/** The newest first, and one more than is shown. */
const messagesOf = (tx: Tx, schemaName: string, id: string) => tx<MessageView[]>`
  select m.id, m.role, m.text, m.tokens, m.latency_ms, to_json(m.created_at)#>>'{}' as created_at
  from ${tx(schemaName)}.message m where m.session_id = ${id}
  order by m.created_at desc, m.id desc limit ${shownMax + 1}`;

const toolCallsOf = (tx: Tx, schemaName: string, id: string) => tx<ToolCallView[]>`
  select c.call_id, c.tool, c.parameters, c.status, c.result, c.error, c.voice_response, c.duration_ms,
    to_json(c.created_at)#>>'{}' as created_at, to_json(c.finished_at)#>>'{}' as finished_at
  from ${tx(schemaName)}.tool_call c where c.session_id = ${id}
  order by c.created_at desc, c.call_id desc limit ${shownMax + 1}`;
