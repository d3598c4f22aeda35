import { z } from "zod";

const permission = z.enum(["read", "search", "aggregate"]);
const resource = z.enum(["documents", "contacts", "emails", "calendar", "*"]);
/** `expired` and `lapsed` also count from their hour on, before anybody writes them down. */
export const grantStatus = z.enum(["requested", "approved", "rejected", "lapsed", "revoked", "expired"]);
/** What can be a department's id or slug: the same 422 for the rest, whoever exists. */
const departmentName = z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/, "is no department's id");
const reason = z.string().trim().min(1).max(500);
const limit = z.strictObject({
  hits: z.int().min(1).max(1_000_000),
  window_seconds: z.int().min(1).max(86_400),
});

export const grantInput = z.strictObject({
  target_department_id: departmentName,
  /** Who is to be allowed: only the platform says so, a department asks for itself. */
  source_department_id: departmentName.optional(),
  permission,
  resource,
  reason,
  expires_in_days: z.int().min(1).max(365),
});
export type GrantInput = z.infer<typeof grantInput>;

export const approvalInput = z.strictObject({
  /** At most what was asked for. */
  expires_in_days: z.int().min(1).max(365).optional(),
  limit: limit.optional(),
});
export type ApprovalInput = z.infer<typeof approvalInput>;

export const endInput = z.strictObject({ reason });
export type EndInput = z.infer<typeof endInput>;

export const grantView = z.object({
  id: z.uuid(),
  source_department_id: z.string(),
  /** For the source as it was typed, whether somebody bears that name or not. */
  target_department_id: z.string(),
  permission,
  resource,
  status: grantStatus,
  reason: z.string(),
  expires_in_days: z.int().nullable(),
  limit: limit.nullable(),
  created_at: z.string(),
  /** When a request that nobody answers ends. */
  lapses_at: z.string(),
  approved_at: z.string().nullable(),
  expires_at: z.string().nullable(),
  ended_at: z.string().nullable(),
  ended_reason: z.string().nullable(),
  /** Members of the reader's own side only. */
  requested_by: z.string().nullable(),
  approved_by: z.string().nullable(),
});
export type GrantView = z.infer<typeof grantView>;
