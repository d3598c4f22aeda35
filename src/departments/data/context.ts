import { z } from "zod";
import type { Json } from "../../json.ts";

const type = z.string().min(1).max(100);
const key = z.string().min(1).max(200);

/** Stands for "no conversation": what is kept under it belongs to the department. */
export const noSession = "00000000-0000-0000-0000-000000000000";
const sessionId = z.union([z.uuid(), z.literal(noSession)]).default(noSession);

export const contextPlace = z.strictObject({ type, key, session_id: sessionId });
export type ContextPlace = z.infer<typeof contextPlace>;

export const contextValue = z.strictObject({
  value: z.json(),
  ttl_seconds: z.int().min(1).max(31_536_000).optional(),
});
export type ContextValue = z.infer<typeof contextValue>;

export const contextQuery = z.strictObject({
  type: type.optional(),
  key: key.optional(),
  session_id: sessionId,
});
export type ContextQuery = z.infer<typeof contextQuery>;

export const contextEntry = z.object({
  type: z.string(),
  key: z.string(),
  value: z.json(),
  expires_at: z.string().nullable(),
});

export interface ContextEntry {
  type: string;
  key: string;
  value: Json;
  expires_at: string | null;
}
