import { z } from "zod";

export const memoryInput = z.strictObject({
  /** Names one to replace. */
  id: z.uuid().optional(),
  category: z.string().min(1).max(100),
  content: z.string().min(1).max(20_000),
  importance: z.int().min(1).max(10).default(5),
  session_id: z.uuid().nullable().default(null),
});
export type MemoryInput = z.infer<typeof memoryInput>;

export const memoryQuery = z.strictObject({
  query: z.string().min(1).max(500).optional(),
  category: z.string().min(1).max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
export type MemoryQuery = z.infer<typeof memoryQuery>;

export const memoryItem = z.object({
  id: z.uuid(),
  category: z.string(),
  content: z.string(),
  importance: z.number(),
  session_id: z.uuid().nullable(),
  updated_at: z.string(),
});
export type MemoryItem = z.infer<typeof memoryItem>;
