import { z } from "zod";
import { isUuid } from "../uuid.ts";

/** Names that would read as part of the platform in an URL, a log or a dashboard. */
export const reservedSlugs = [
  "admin", "administrator", "all", "any", "api", "app", "audit", "auth", "billing", "console", "dashboard", "default",
  "docs", "federation", "gateway", "health", "healthz", "help", "internal", "localhost", "login", "me", "metrics",
  "new", "null", "oauth", "openapi", "platform", "postgres", "public", "readyz", "root", "schemas", "security", "self",
  "static", "status", "support", "system", "undefined", "webhooks", "well-known", "www",
] as const; // prettier-ignore

export const toolNames = [
  "email",
  "google_drive",
  "database",
  "vector_store",
  "agent_context",
  "file_download_email",
  "calendar",
  "contacts",
] as const;

/** One line of text without control, format or line-separating characters. */
const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u, "must be one line without control characters")
    .regex(/\S/, "must not be blank");

export const emailAddress = z.email().max(254).toLowerCase();

const departmentSlug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,39}$/, "must be 2 to 40 of a-z, 0-9 and -, beginning with a letter")
  .refine((slug) => !isUuid(slug), "must not look like an id")
  .refine((slug) => !(reservedSlugs as readonly string[]).includes(slug), "is a reserved word")
  .meta({ not: { enum: [...reservedSlugs] } });

const tools = z
  .array(z.enum(toolNames))
  .min(1)
  .max(toolNames.length)
  .refine((names) => new Set(names).size === names.length, "must not name a tool twice")
  .meta({ uniqueItems: true });

const days = z.int().min(1).max(3650);

const customConfig = z.strictObject({
  language: z
    .string()
    .max(35)
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "must be a language tag such as de-CH")
    .optional(),
  voice: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/, "must be the name of a voice")
    .optional(),
  greeting: line(1000).optional(),
  limits: z.strictObject({ queries_per_minute: z.int().min(1).max(100_000).optional() }).optional(),
  database: z.strictObject({ direct_access: z.boolean().default(false) }).optional(),
  n8n: z.strictObject({ instance: z.enum(["shared", "own"]) }).optional(),
  agent: z
    .strictObject({
      cpu: z.number().min(0.1).max(32).optional(),
      memory_mb: z.int().min(128).max(131_072).optional(),
      replicas: z.int().min(1).max(20).optional(),
    })
    .optional(),
  drift: z.strictObject({ repair: z.enum(["on_request", "automatic"]).default("on_request") }).optional(),
  failure_hold_minutes: z.number().min(0).max(10_080).optional(),
  callback_url: z
    .url({ protocol: /^https?$/, hostname: z.regexes.hostname })
    .max(2000)
    .optional(),
});

const configFields = {
  department_name: line(200),
  enabled_tools: tools,
  admin_email: emailAddress,
  google_workspace_domain: z
    .string()
    .max(253)
    .toLowerCase()
    .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, "must be a domain name")
    .optional(),
  host: z.enum(["local", "railway", "docker"]).optional(),
  region: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must be the name of a region")
    .optional(),
  data_retention: z
    .strictObject({ conversations_days: days.optional(), documents_days: days.optional() })
    .optional(),
  custom_config: customConfig.optional(),
};

/** The stored definition of a department: everything but its id. */
export const departmentConfig = z.strictObject(configFields);
export type DepartmentConfig = z.infer<typeof departmentConfig>;

export const provisionRequest = z.strictObject({ department_id: departmentSlug, ...configFields });
export type ProvisionRequest = z.infer<typeof provisionRequest>;

/** The published JSON Schema (2020-12) of what `POST /provision-department` takes. */
export function departmentConfigJsonSchema(publicUrl: string) {
  const schema = z.toJSONSchema(provisionRequest, { io: "input" });
  return { ...schema, $id: `${publicUrl}/schemas/department.json`, title: "Federation department" };
}
