import { openPools } from "../db/pools.ts";
import { checkCheckpoints } from "./check-checkpoints.ts";
import { checkClock } from "./check-clock.ts";
import { checkConnectionLimit } from "./check-connection-limit.ts";
import { checkDataDirectory } from "./check-data-directory.ts";
import { checkKeys } from "./check-keys.ts";
import { checkLogins } from "./check-logins.ts";
import { checkMigrations } from "./check-migrations.ts";
import { checkN8n } from "./check-n8n.ts";
import { checkPartitions } from "./check-partitions.ts";
import { checkRailway } from "./check-railway.ts";
import { checkRoles } from "./check-roles.ts";
import { checkSettings } from "./check-settings.ts";
import { checkWeb } from "./check-web.ts";
import { checkWebEnvironment } from "./check-web-environment.ts";
import type { Diagnosis, Patient, PatientWithDatabase } from "./diagnosis.ts";

/** In the order in which they are told. */
const checks: readonly ((of: Patient) => Promise<Diagnosis[]>)[] = [
  checkSettings,
  checkWebEnvironment,
  checkDataDirectory,
  checkRailway,
  checkN8n,
  checkWeb,
];

/** The same, once every login opens the database. */
const databaseChecks: readonly ((of: PatientWithDatabase) => Promise<Diagnosis[]>)[] = [
  checkRoles,
  checkMigrations,
  checkClock,
  checkKeys,
  checkConnectionLimit,
  checkPartitions,
  checkCheckpoints,
];

/** The usual mistakes of a set-up, each with its remedy; never throws for what it looks for. */
export async function diagnose(of: Patient): Promise<Diagnosis[]> {
  const found = await Promise.all([...checks.map((check) => check(of)), diagnoseDatabase(of)]);
  return found.flat();
}

async function diagnoseDatabase(of: Patient): Promise<Diagnosis[]> {
  const { databaseUrl, gatewayUrl, adminUrl } = of.config;
  const url = databaseUrl?.reveal();
  if (!url) return [];
  const pools = openPools({
    appUrl: url,
    gatewayUrl: gatewayUrl?.reveal() ?? url,
    // Web has none: what is set by mistake is told, and not used.
    adminUrl: of.process === "web" ? undefined : adminUrl?.reveal(),
    applicationName: "federation doctor",
    appMax: 1,
    gatewayMax: 1,
    provisionerMax: 1,
  });
  try {
    const logins = await checkLogins({ ...of, pools });
    if (logins.some(({ level }) => level === "error")) return logins;
    const found = await Promise.all(databaseChecks.map((check) => check({ ...of, pools })));
    return [...logins, ...found.flat()];
  } finally {
    await pools.close();
  }
}
