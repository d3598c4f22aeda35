import type { Ctx } from "../context.ts";
import { conflict, forbidden } from "../errors.ts";
import { withDepartment } from "../gateway/with-department.ts";
import { resolveDepartment } from "./resolve.ts";

/**
 * What an agent can find out before it is live: its credentials are good and its own schema answers under its role and
 * seal. Reads no content. Throws 409 `department_not_ready` while there is no schema.
 */
export async function selfCheck(ctx: Ctx) {
  const { departmentId } = ctx.caller;
  if (departmentId === undefined)
    throw forbidden("not_a_department", "This is for who belongs to a department.");
  const department = await resolveDepartment(ctx, departmentId);
  const [schema] = await ctx.db.app<{ state: string }[]>`
    select schema_state as state from federation.department where id = ${departmentId}`;
  if (schema?.state !== "current")
    throw conflict("department_not_ready", "The department has no schema yet.");
  const own = { sql: ctx.db.gateway, seal: (id: string) => ctx.vault.sealOwnContext(id) };
  await withDepartment(own, department, (tx) => tx`select from ${tx(department.schemaName)}.session limit 1`);
  return { department_id: department.slug, status: department.status, data: "ok" as const };
}
