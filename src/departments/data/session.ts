import { z } from "zod";
import { batchOf, identity, instant } from "./batch.ts";
import { noSession } from "./context.ts";
import { messageView } from "./message.ts";
import { toolCallView } from "./tool-call.ts";

const text = z.string().min(1).max(200);
const channel = z.enum(["voice", "text", "phone"]);

const session = z
  .strictObject({
    id: identity.refine((id) => id !== noSession, "stands for no session"),
    room: text,
    participant: text,
    /** Left out: as it is, and `voice` for a new one. */
    channel: channel.optional(),
    started_at: instant.optional(),
    ended_at: instant.optional(),
    end_reason: z.string().min(1).max(500).optional(),
  })
  .refine(({ started_at: start, ended_at: end }) => !start || !end || Date.parse(end) >= Date.parse(start), {
    path: ["ended_at"],
    message: "is before started_at",
  })
  .refine((item) => item.end_reason === undefined || item.ended_at !== undefined, {
    path: ["end_reason"],
    message: "belongs to an end",
  });
export type SessionInput = z.infer<typeof session>;

export const sessionBatch = batchOf(session, "id", ({ id }) => id);

export const sessionView = z.object({
  id: z.uuid(),
  room: z.string(),
  participant: z.string(),
  channel,
  started_at: z.string(),
  ended_at: z.string().nullable(),
  end_reason: z.string().nullable(),
});
export type SessionView = z.infer<typeof sessionView>;

export const sessionDetail = sessionView.extend({
  messages: z.array(messageView),
  tool_calls: z.array(toolCallView),
  /** There are more than the last 1,000 messages or tool calls shown. */
  truncated: z.boolean(),
});
export type SessionDetail = z.infer<typeof sessionDetail>;
