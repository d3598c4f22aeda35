import { appendAudit } from "../../audit/append.ts";
import type { Ctx } from "../../context.ts";
import { type Tx, withTx } from "../../db/tx.ts";
import { conflict } from "../../errors.ts";
import { withDepartment } from "../../gateway/with-department.ts";
import { auditActor } from "../../members/audit-actor.ts";
import { type Department, resolveDepartment } from "../resolve.ts";

/** What is about to be done to a department's own data; only counts and kinds, never the data. */
export interface DataAccess {
  action: string;
  meta?: Record<string, string | number | boolean | null>;
}

/**
 * Touches a department's own data after it is on record: the department's role cannot write the audit trail, so the
 * record is committed first, and a failure is added to it. Throws 404 for another department and 409
 * `department_not_ready` while there is no schema.
 */
export async function onRecord<T>(
  ctx: Ctx,
  idOrSlug: string,
  access: DataAccess,
  fn: (tx: Tx, department: Department) => Promise<T>,
): Promise<T> {
  const department = await resolveDepartment(ctx, idOrSlug);
  if (!["active", "degraded"].includes(department.status)) {
    throw conflict("department_not_ready", "The department is not active.");
  }
  const event = { ...auditActor(ctx), ...access, stream: department.id };
  await withTx(ctx.db.app, (tx) => appendAudit(tx, [{ ...event, decision: "allowed" }]));
  const own = { sql: ctx.db.gateway, seal: (id: string) => ctx.vault.sealOwnContext(id) };
  try {
    return await withDepartment(own, department, (tx) => fn(tx, department));
  } catch (error) {
    await withTx(ctx.db.app, (tx) => appendAudit(tx, [{ ...event, decision: "failed" }])).catch(
      (err: unknown) => ctx.log.error({ err }, "a failed access is not on record as failed"),
    );
    throw error;
  }
}
