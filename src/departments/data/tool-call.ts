import { z } from "zod";
import { batchOf } from "./batch.ts";
import { isFailedWithError, toolCallFields } from "./tool-result.ts";

const status = z.enum(["EXECUTING", "COMPLETED", "FAILED", "CANCELLED"]);

/** A tool's call, while it runs or when it has ended. */
const toolCall = z
  .strictObject({ ...toolCallFields, status })
  .refine(...isFailedWithError)
  .refine((call) => call.status !== "EXECUTING" || call.result === undefined, {
    path: ["result"],
    message: "belongs to a call that ended",
  });
export type ToolCall = z.infer<typeof toolCall>;

export const toolCallBatch = batchOf(toolCall, "call_id", (call) => call.call_id);

export const toolCallView = z.object({
  call_id: z.string(),
  tool: z.string(),
  parameters: z.record(z.string(), z.json()),
  status,
  result: z.json(),
  error: z.string().nullable(),
  voice_response: z.string().nullable(),
  duration_ms: z.int().nullable(),
  created_at: z.string(),
  finished_at: z.string().nullable(),
});
export type ToolCallView = z.infer<typeof toolCallView>;
