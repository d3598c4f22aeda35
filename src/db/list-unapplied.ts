import { readFiles, readLedger } from "./migrate.ts";
import type { Sql } from "./tx.ts";

/** Names of the files of sql/ that this database has not seen; as the provisioner, or an administrator. */
export async function listUnapplied(sql: Sql): Promise<string[]> {
  const [files, ledger] = await Promise.all([readFiles(), readLedger(sql)]);
  return files.filter(({ name }) => !ledger.has(name)).map(({ name }) => name);
}
