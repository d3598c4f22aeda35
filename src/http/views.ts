// What the verbs answer, for the reference. Kept loose on purpose where a verb's own type says more.
import { z } from "zod";
import { estimateView } from "../cost/cost-view.ts";
import { departmentConfig } from "../config-schema/department.ts";
import { configChange } from "../departments/config/config-change.ts";
import { departmentStatuses } from "../departments/resolve.ts";

const instant = z.string().meta({ format: "date-time" });
const status = z.enum(departmentStatuses);

export const accepted = z.object({
  provisioning_id: z.uuid(),
  department_id: z.string(),
  department: z.uuid(),
  status: z.string(),
  status_url: z.string(),
  events_url: z.string(),
});

export const plan = z.object({
  department_id: z.string(),
  host: z.string(),
  possible: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  steps: z.array(z.object({ name: z.string(), needs: z.array(z.string()), group: z.string() })),
  resources: z.array(z.object({ provider: z.string(), kind: z.string(), name: z.string() })),
  skipped: z.array(z.object({ step: z.string(), reason: z.string() })),
  variables: z.array(z.string()),
  cost_per_month: estimateView,
});

const group = z.enum(["pending", "in_progress", "completed", "failed", "skipped"]);
const failure = z.object({ code: z.string(), message: z.string() }).nullable();

export const progress = z.object({
  provisioning_id: z.uuid(),
  department_id: z.string(),
  department: z.uuid(),
  kind: z.string(),
  status: z.enum([
    "provisioning",
    "active",
    "deprovisioning",
    "deprovisioned",
    "locking",
    "locked",
    "unlocking",
    "upgrading",
    "moving",
    "failed",
    "cancelled",
  ]),
  run_status: z.string(),
  progress: z.object({
    database: group,
    oauth: group,
    host: group,
    workflows: group,
    gateway: group,
    health: group,
  }),
  steps: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      attempt: z.int(),
      started_at: instant.nullable(),
      finished_at: instant.nullable(),
      duration_ms: z.number().nullable(),
      waits_for: z.string().nullable(),
      wait_seconds: z.number().nullable(),
      queue_seconds: z.number(),
      in_line: z.boolean(),
      reason: z.string().nullable(),
      error: failure,
    }),
  ),
  percent: z.number(),
  eta_seconds: z.number().nullable(),
  deployment_url: z.string().nullable(),
  dashboard_url: z.url(),
  consent_url: z.url().optional(),
  error: failure,
  orphans: z.array(
    z.object({
      provider: z.string(),
      kind: z.string(),
      external_id: z.string(),
      reason: z.string().nullable(),
    }),
  ),
  created_at: instant,
  completed_at: instant.nullable(),
});

export const runAnswer = z.object({
  provisioning_id: z.uuid(),
  run_status: z.string(),
  cancel_requested: z.boolean().optional(),
});

export const department = z.object({
  id: z.uuid(),
  department_id: z.string(),
  name: z.string(),
  status,
  host: z.string(),
  region: z.string().nullable(),
  release: z.string(),
  config_version: z.int(),
  admin_email: z.string(),
  deployment_url: z.string().nullable(),
  created_at: instant,
  updated_at: instant,
  deprovisioned_at: instant.nullable(),
  /** While it is locked. */
  locked_at: instant.nullable(),
  lock_reason: z.string().nullable(),
});

export const locked = z.object({
  department_id: z.string(),
  department: z.uuid(),
  status: z.string(),
  locked_at: instant,
  reason: z.string(),
  keys_revoked: z.int(),
  grants_revoked: z.int(),
  provisioning_id: z.uuid(),
  status_url: z.string(),
  events_url: z.string(),
});

export const unlocking = accepted.extend({ note: z.string() });

export const resources = z.object({
  items: z.array(
    z.object({
      provider: z.string(),
      kind: z.string(),
      external_id: z.string(),
      name: z.string(),
      created_by_step: z.string(),
      created_at: instant,
      deleted_at: instant.nullable(),
      verified_absent_at: instant.nullable(),
      orphaned_at: instant.nullable(),
      orphan_reason: z.string().nullable(),
    }),
  ),
});

export const health = z.object({
  department_id: z.string(),
  status,
  checked_at: instant.nullable(),
  known: z
    .object({
      status: z.enum(["unknown", "healthy", "failing", "unhealthy"]),
      since: instant,
      failures: z.int(),
      heal: z.enum(["none", "restarted", "redeployed", "given_up"]),
      checked_at: instant.nullable(),
      checks: z.record(z.string(), z.object({ status: z.string(), detail: z.string() })).nullable(),
    })
    .nullable(),
  checks: z.object({
    agent: z.object({ status: z.enum(["ready", "unhealthy", "absent"]), detail: z.string() }),
  }),
});

export const certificate = z.object({
  document: z.record(z.string(), z.json()),
  signature: z.string(),
  kid: z.string(),
});

export const config = z.object({
  environment: z.enum(["development", "staging", "production"]),
  department_id: z.string(),
  version: z.int(),
  config: departmentConfig,
  created_by: z.string(),
  created_at: instant,
});

export const configVersions = z.object({
  items: z.array(z.object({ version: z.int(), created_by: z.string(), created_at: instant })),
});

export const configDiff = z.object({
  department_id: z.string(),
  from: z.int(),
  to: z.int(),
  changes: z.array(configChange),
});

export const configStored = z.object({
  department_id: z.string(),
  version: z.int(),
  changes: z.array(configChange),
});

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  request_id: z.string(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
