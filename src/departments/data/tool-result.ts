import { z } from "zod";
import { identity } from "./batch.ts";

/** What a tool's call says of itself, beside its status. */
export const toolCallFields = {
  call_id: z.string().min(1).max(200),
  tool: z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, "must be the name of a tool"),
  session_id: identity.nullable().default(null),
  parameters: z.record(z.string().max(200), z.json()).default({}),
  result: z.json().optional(),
  error: z.string().min(1).max(2000).optional(),
  voice_response: z.string().max(5000).optional(),
  duration_ms: z.int().min(0).max(86_400_000).optional(),
};

/** The check that an error stands with a failure, and with nothing else. */
export const isFailedWithError = [
  (call: { status: string; error?: string | undefined }) =>
    (call.status === "FAILED") === (call.error !== undefined),
  { path: ["error"], message: "belongs to a call that failed, and to no other" },
] satisfies [unknown, unknown];

/** How a tool's call ended. */
export const toolResult = z
  .strictObject({ ...toolCallFields, status: z.enum(["COMPLETED", "FAILED", "CANCELLED"]) })
  .refine(...isFailedWithError);
export type ToolResult = z.infer<typeof toolResult>;

export const recordedToolResult = z.object({
  call_id: z.string(),
  /** False: the call had ended before, and what was on record stays. */
  recorded: z.boolean(),
});
