import { z } from "zod";

export const queueView = z.object({
  name: z.string(),
  waiting: z.int(),
  active: z.int(),
  failed: z.int(),
  /** When the oldest that is due and waits was to begin. */
  oldest: z.string().nullable(),
});
export type QueueView = z.infer<typeof queueView>;

export const failedJob = z.object({
  id: z.uuid(),
  /** Ids only. */
  payload: z.record(z.string(), z.json()),
  retries: z.int(),
  created_at: z.string(),
  failed_at: z.string().nullable(),
  error: z.string(),
});
export type FailedJob = z.infer<typeof failedJob>;
