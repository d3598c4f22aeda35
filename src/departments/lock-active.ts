import type { Ctx } from "../context.ts";
import type { Tx } from "../db/tx.ts";
import { conflict } from "../errors.ts";
import { type Department, resolveDepartment } from "./resolve.ts";

/** The department, its row held for the rest of the transaction. Throws 409 `not_active` unless it is, and unlocked. */
export async function lockActive(ctx: Ctx, tx: Tx, idOrSlug: string): Promise<Department> {
  const { id } = await resolveDepartment(ctx, idOrSlug, tx);
  await tx`select from federation.department where id = ${id} for no key update`;
  const department = await resolveDepartment(ctx, id, tx);
  if (!["active", "degraded"].includes(department.status) || department.lockedAt !== null)
    throw conflict("not_active", "This is only possible while the department is active.");
  return department;
}
