import { listUnapplied } from "../db/list-unapplied.ts";
import { FederationError } from "../errors.ts";
import { attempt } from "./attempt.ts";
import type { Diagnosis, PatientWithDatabase } from "./diagnosis.ts";

/** Whether every file of sql/ was applied; only the provisioner and administrators may read the ledger. */
export async function checkMigrations({ pools: { provisioner } }: PatientWithDatabase): Promise<Diagnosis[]> {
  if (!provisioner) return [];
  const remedy =
    "Run `fed migrate` (`release` of the Procfile) with the administrator's URL, before web and worker start.";
  return await attempt("migrations", remedy, async () => {
    const missing = await listUnapplied(provisioner);
    if (missing.length === 0) return [];
    throw new FederationError("migrations_missing", `not applied: ${missing.join(", ")}`);
  });
}
