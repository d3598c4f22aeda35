import { z } from "zod";
import { configChange } from "../../departments/config/config-change.ts";

const instant = z.string().meta({ format: "date-time" });
const part = z.enum(["workflows", "host", "database"]);
const inN8n = z.object({ id: z.string(), name: z.string() });

export const drift = z.object({
  department_id: z.string(),
  /** Null: not known. */
  in_sync: z.boolean().nullable(),
  checked_at: instant.nullable(),
  found_at: instant.nullable(),
  workflows: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      id: z.string().nullable(),
      problems: z.array(
        z.enum([
          "missing",
          "archived",
          "changed",
          "unpublished",
          "outdated",
          "not_answering",
          "path_taken",
          "token_refused",
        ]),
      ),
      template_version: z.int(),
      live_version: z.int().nullable(),
      changes: z.array(configChange),
    }),
  ),
  credentials: z.array(
    z.object({
      name: z.string(),
      id: z.string().nullable(),
      problems: z.array(z.enum(["missing", "renamed"])),
    }),
  ),
  leftovers: z.array(inN8n.extend({ kind: z.enum(["workflow", "credential"]) })),
  foreign: z.array(inN8n.extend({ published: z.boolean(), path: z.string() })),
  host: z.array(
    z.object({
      part: z.enum(["service", "variable", "image", "release", "limits", "replicas", "region"]),
      name: z.string(),
      change: z.enum(["changed", "missing", "extra"]),
      wanted: z.string().optional(),
      found: z.string().optional(),
    }),
  ),
  database: z.array(z.string()),
  unknown: z.array(
    z.object({
      part,
      code: z.string(),
      message: z.string(),
      retry_after_seconds: z.number().nullable(),
    }),
  ),
});

export const driftSummary = z.object({
  id: z.uuid(),
  department_id: z.string(),
  in_sync: z.boolean().nullable(),
  drifted: z.array(part),
  unknown: z.array(part),
  checked_at: instant.nullable(),
  found_at: instant.nullable(),
});

export const driftAsked = z.object({ department_id: z.string(), asked_at: instant });
