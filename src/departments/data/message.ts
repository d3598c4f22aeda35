import { z } from "zod";
import { batchOf, identity, instant } from "./batch.ts";

const role = z.enum(["user", "assistant", "system", "tool"]);

const message = z.strictObject({
  id: identity,
  session_id: identity,
  role,
  text: z.string().max(100_000),
  tokens: z.int().min(0).max(1_000_000_000).optional(),
  latency_ms: z.int().min(0).max(86_400_000).optional(),
  created_at: instant.optional(),
});
export type MessageInput = z.infer<typeof message>;

export const messageBatch = batchOf(message, "id", ({ id }) => id);

export const messageView = z.object({
  id: z.uuid(),
  role,
  text: z.string(),
  tokens: z.int().nullable(),
  latency_ms: z.int().nullable(),
  created_at: z.string(),
});
export type MessageView = z.infer<typeof messageView>;
