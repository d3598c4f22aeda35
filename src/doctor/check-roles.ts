import { checkRoles as checkPoolRoles } from "../db/role-check.ts";
import { attempt } from "./attempt.ts";
import type { Diagnosis, PatientWithDatabase } from "./diagnosis.ts";

/** Whether the server is new enough and every pool runs as its own, unprivileged role, as web and worker demand at start. */
export function checkRoles({ pools, config }: PatientWithDatabase): Promise<Diagnosis[]> {
  return attempt(
    "database roles and version",
    "Use a Postgres and the URLs of docs/quick-start.md: `fed init` prints a login of its own for each pool.",
    () => checkPoolRoles(pools, { production: config.environment === "production" }),
  );
}
