// Types queries; the DDL is in sql/. Only the columns that are selected through drizzle are here.
import { integer, jsonb, pgSchema, text, timestamp, uuid } from "drizzle-orm/pg-core";

const federation = pgSchema("federation");
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });

export const departmentTable = federation.table("department", {
  id: uuid().primaryKey(),
  slug: text().notNull(),
});

export const memberTable = federation.table("member", {
  id: uuid().primaryKey(),
  email: text().notNull(),
  role: text({ enum: ["admin", "operator", "department_admin", "auditor"] }).notNull(),
  departmentId: uuid("department_id"),
  createdAt: instant("created_at").notNull(),
  disabledAt: instant("disabled_at"),
});

export const apiClientTable = federation.table("api_client", {
  id: uuid().primaryKey(),
  keyId: text("key_id").notNull(),
  name: text().notNull(),
  memberId: uuid("member_id"),
  departmentId: uuid("department_id"),
  scopes: text().array().notNull(),
  status: text({ enum: ["pending", "active", "revoked"] }).notNull(),
  createdAt: instant("created_at").notNull(),
  expiresAt: instant("expires_at").notNull(),
  lastUsedAt: instant("last_used_at"),
  revokedAt: instant("revoked_at"),
});

export const departmentConfigTable = federation.table("department_config", {
  departmentId: uuid("department_id").notNull(),
  version: integer().notNull(),
  document: jsonb().notNull(),
  createdBy: text("created_by").notNull(),
  createdAt: instant("created_at").notNull(),
});
