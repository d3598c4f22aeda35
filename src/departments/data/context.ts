import { z } from "zod";
import type { Json } from "../../json.ts";

const type = z.string().min(1).max(100);

export const contextBatch = z.strictObject({
  session_id: z.uuid(),
  /** Used when the session is not known yet. */
  room: z.string().min(1).max(200).optional(),
  participant: z.string().min(1).max(200).default("unknown"),
  channel: z.enum(["voice", "text", "phone"]).default("voice"),
  entries: z
    .array(
      z.strictObject({
        type,
        key: z.string().min(1).max(200),
        value: z.json(),
        ttl_seconds: z.int().min(1).max(31_536_000).nullable().default(null),
      }),
    )
    .min(1)
    .max(500)
    .refine((entries) => new Set(entries.map((entry) => JSON.stringify([entry.type, entry.key]))).size === entries.length, {
      message: "names a type and key twice",
    }),
});

export const contextQuery = z.strictObject({ session_id: z.uuid(), type: type.optional() });

export const contextEntry = z.object({
  type: z.string(),
  key: z.string(),
  value: z.json(),
  expires_at: z.string().nullable(),
});

export type ContextBatch = z.infer<typeof contextBatch>;
export type ContextQuery = z.infer<typeof contextQuery>;

export interface ContextEntry {
  type: string;
  key: string;
  value: Json;
  expires_at: string | null;
}
