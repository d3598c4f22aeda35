import { type Sql, type Tx, withTx } from "../db/tx.ts";
import { FederationError } from "../errors.ts";

export interface OwnDataAccess {
  /** The gateway's pool: its role owns nothing and may only step into a department's role. */
  sql: Sql;
  /** Makes the sealed context that the department's row policies demand; see crypto/call-seal.ts. */
  seal(departmentId: string): Promise<string> | string;
}

export interface OwnDepartment {
  id: string;
  schemaName: string;
  roleName: string;
}

/**
 * Runs `fn` in a transaction that can touch this one department's data and nothing else; role and seal end with it.
 * `tx` has `search_path = pg_catalog`: name tables as `${tx(department.schemaName)}.document`.
 */
export async function withDepartment<T>(
  access: OwnDataAccess,
  department: OwnDepartment,
  fn: (tx: Tx) => Promise<T>,
): Promise<T> {
  const context = enter(department.roleName, await access.seal(department.id));
  return await withTx(access.sql, async (tx) => {
    // Not awaited first: fn's first statement travels right behind it, and fails with it.
    const [entered, done] = await Promise.allSettled([tx.unsafe(context).execute(), fn(tx)]);
    if (entered.status === "rejected") throw entered.reason;
    if (done.status === "rejected") throw done.reason;
    return done.value;
  });
}

function enter(roleName: string, seal: string): string {
  if (!/^d_[a-z2-7]{12}$/.test(roleName) || !/^[0-9]{1,18}\.[0-9a-f]{64}$/.test(seal)) {
    throw new FederationError("internal", "Not a department's role, or not a seal.");
  }
  return `set local role ${roleName}; set local gateway.seal = '${seal}'`;
}
