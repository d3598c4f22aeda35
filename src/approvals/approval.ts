import { z } from "zod";
import type { Sql, Tx } from "../db/tx.ts";
import { versionChange } from "../departments/config/config-change.ts";

export const approvalStatuses = ["requested", "approved", "rejected", "used", "expired"] as const;

export const approvalView = z.object({
  id: z.uuid(),
  action: z.string(),
  target: z.string(),
  /** Slug; null for what concerns no department. */
  department_id: z.string().nullable(),
  fingerprint: z.string(),
  requested_by: z.uuid(),
  reason: z.string().nullable(),
  /** Of a config-change: what differs, as it will be stored. */
  change: versionChange.nullable(),
  status: z.enum(approvalStatuses),
  approved_by: z.uuid().nullable(),
  rejected_by: z.uuid().nullable(),
  created_at: z.string(),
  expires_at: z.string(),
  decided_at: z.string().nullable(),
  used_at: z.string().nullable(),
});
export type ApprovalView = z.infer<typeof approvalView>;

/** Approvals as they are shown; one whose time is over is expired, whether its row says so or not. */
export const selectApprovals = (sql: Sql | Tx) => sql`
  select a.id, a.action, a.target, d.slug as department_id, a.fingerprint, a.requested_by, a.reason, a.change,
    case when a.status in ('requested', 'approved') and a.expires_at <= clock_timestamp() then 'expired'
      else a.status end as status,
    a.approved_by, a.rejected_by, to_json(a.created_at)#>>'{}' as created_at, to_json(a.expires_at)#>>'{}' as expires_at,
    to_json(a.decided_at)#>>'{}' as decided_at, to_json(a.used_at)#>>'{}' as used_at
  from federation.approval a left join federation.department d on d.id = a.department_id`;
