import { z } from "zod";

export const alertStatuses = ["firing", "resolved"] as const;

/** An alert as the API shows it. */
export const alertView = z.object({
  id: z.uuid(),
  name: z.string(),
  subject: z.string(),
  /** Slug; null for what concerns no department. */
  department_id: z.string().nullable(),
  severity: z.enum(["warning", "critical"]),
  summary: z.string(),
  status: z.enum(alertStatuses),
  fired_at: z.string(),
  resolved_at: z.string().nullable(),
});
export type AlertView = z.infer<typeof alertView>;
