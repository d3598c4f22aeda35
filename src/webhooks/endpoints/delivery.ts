import { z } from "zod";
import type { Sql, Tx } from "../../db/tx.ts";

export const deliveryView = z.object({
  id: z.uuid(),
  /** What the receiver sees as `webhook-id`, the same for every attempt. */
  event_id: z.uuid(),
  type: z.string(),
  status: z.enum(["waiting", "sending", "delivered", "failed"]),
  attempts: z.int(),
  next_attempt_at: z.string().nullable(),
  last_attempt_at: z.string().nullable(),
  last_status: z.int().nullable(),
  last_error: z.string().nullable(),
  created_at: z.string(),
});
export type DeliveryView = z.infer<typeof deliveryView>;

/** What `deliveryView` shows, of `webhook_delivery v` and its `webhook_event e`. */
export const deliveryColumns = (sql: Sql | Tx) => sql`
  v.id, v.event_id, e.type, v.status, v.attempt as attempts,
  case when v.status = 'waiting' then to_json(v.due_at)#>>'{}' end as next_attempt_at,
  to_json(v.last_attempt_at)#>>'{}' as last_attempt_at, v.last_status, v.last_error,
  to_json(v.created_at)#>>'{}' as created_at`;
