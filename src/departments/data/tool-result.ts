import { z } from "zod";

/** How a tool's call ended. */
export const toolResult = z
  .strictObject({
    call_id: z.string().min(1).max(200),
    tool: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, "must be the name of a tool"),
    status: z.enum(["COMPLETED", "FAILED", "CANCELLED"]),
    session_id: z.uuid().nullable().default(null),
    parameters: z.record(z.string().max(200), z.json()).default({}),
    result: z.json().optional(),
    error: z.string().min(1).max(2000).optional(),
    voice_response: z.string().max(5000).optional(),
    duration_ms: z.int().min(0).max(86_400_000).optional(),
  })
  .refine((call) => (call.status === "FAILED") === (call.error !== undefined), {
    path: ["error"],
    message: "belongs to a call that failed, and to no other",
  });
export type ToolResult = z.infer<typeof toolResult>;

export const recordedToolResult = z.object({
  call_id: z.string(),
  /** False: the call had ended before, and what was on record stays. */
  recorded: z.boolean(),
});
