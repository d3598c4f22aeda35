import { appendAudit } from "../audit/append.ts";
import type { Ctx } from "../context.ts";
import { withTx } from "../db/tx.ts";
import { notFound } from "../errors.ts";
import { auditActor } from "../members/audit-actor.ts";
import { secretPlace } from "./department-secret.ts";
import { resolveDepartment } from "./resolve.ts";

export interface DatabaseAccess {
  host: string;
  port: number;
  database: string;
  user: string;
  schema: string;
  password: string;
}

/**
 * The department's own database login, where its config has `database.direct_access`; who reads it is on record first.
 * Throws 404 where there is none.
 */
export async function showDatabaseAccess(ctx: Ctx, idOrSlug: string): Promise<DatabaseAccess> {
  const department = await resolveDepartment(ctx, idOrSlug);
  const [row] = await ctx.db.app<{ sealed: string }[]>`
    select sealed from federation.department_secret
    where department_id = ${department.id} and name = 'database_password'`;
  const live = department.status === "active" || department.status === "degraded";
  if (!row || !live || !ctx.config.databaseUrl) throw notFound();
  await withTx(ctx.db.app, (tx) =>
    appendAudit(tx, [
      { ...auditActor(ctx), stream: department.id, action: "database.password_read", decision: "allowed" },
    ]),
  );
  const server = new URL(ctx.config.databaseUrl.reveal());
  return {
    host: decodeURIComponent(server.hostname),
    port: Number(server.port || 5432),
    database: decodeURIComponent(server.pathname.slice(1)),
    user: department.roleName,
    schema: department.schemaName,
    password: await ctx.vault.open(secretPlace(department.id, "database_password"), row.sealed),
  };
}
