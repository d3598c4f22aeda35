import type { Config } from "../config.ts";
import { environmentKeyProvider } from "../crypto/kek.ts";
import { createVault } from "../crypto/vault.ts";
import { openPools, type Pools } from "../db/pools.ts";
import { checkRoles } from "../db/role-check.ts";
import { FederationError } from "../errors.ts";
import { checkDataDirectory } from "./check-data-directory.ts";
import { checkRailway } from "./check-railway.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** The usual mistakes of a set-up, each with its remedy; never throws for what it looks for. */
export async function diagnose(config: Readonly<Config>): Promise<Diagnosis[]> {
  const hosts = config.hosts.includes("railway") ? await checkRailway(config) : [];
  const settings = [...checkSettings(config), ...(await checkDataDirectory(config)), ...hosts];
  const url = config.databaseUrl?.reveal();
  if (!url) return settings;
  const pools = openPools({
    appUrl: url,
    gatewayUrl: config.gatewayUrl?.reveal() ?? url,
    adminUrl: config.adminUrl?.reveal(),
    applicationName: "federation doctor",
    appMax: 1,
    gatewayMax: 1,
    provisionerMax: 1,
  });
  try {
    return [...settings, ...(await checkDatabase(pools, config))];
  } finally {
    await pools.close();
  }
}

function checkSettings(config: Readonly<Config>): Diagnosis[] {
  const found: Diagnosis[] = [];
  const need = (value: unknown, name: string, remedy: string) =>
    found.push(
      value
        ? { level: "ok", what: `${name} is set` }
        : { level: "error", what: `${name} is not set`, remedy },
    );
  need(config.databaseUrl, "DATABASE_URL", "Run `fed init` against your Postgres, or `fed up` here.");
  need(config.kek, "FEDERATION_KEK", "Run `fed init`; keep the key outside the database and its backups.");
  if (config.environment !== "production" && !config.publicUrl.startsWith("https://")) {
    found.push({
      level: "warning",
      what: "PUBLIC_URL is plain HTTP",
      remedy: "Fine on this machine; production refuses it.",
    });
  }
  return found;
}

async function checkDatabase(pools: Pools, config: Readonly<Config>): Promise<Diagnosis[]> {
  const checks = [
    attempt(
      "database roles and version",
      () => checkRoles(pools, { production: config.environment === "production" }),
      roleRemedy,
    ),
    attempt("clock", () => checkClock(pools), "Run NTP on this machine and on the database's."),
    attempt("keys", () => checkKeys(pools, config), "Set the FEDERATION_KEK that `fed init` printed."),
    attempt("audit partitions", () => checkPartitions(pools), "Start a worker: it makes them ahead of time."),
    attempt(
      "audit checkpoints",
      () => checkSealed(pools),
      "Is a worker running, and may it write AUDIT_ANCHOR?",
    ),
  ];
  return (await Promise.all(checks)).flat();
}

const roleRemedy = "Use the URLs that `fed init` prints: each pool has a login of its own.";
const skewSecondsMax = 5;

/** A check answers warnings, or throws. */
async function attempt(what: string, check: () => Promise<string[]>, remedy: string): Promise<Diagnosis[]> {
  try {
    const warnings = await check();
    if (warnings.length === 0) return [{ level: "ok", what }];
    return warnings.map((warning) => ({ level: "warning", what: warning, remedy }));
  } catch (error) {
    const message =
      error instanceof FederationError ? error.message : "cannot be checked: the database does not answer";
    return [{ level: "error", what: `${what}: ${message}`, remedy }];
  }
}

async function checkClock({ app }: Pools): Promise<string[]> {
  const [row] = await app<
    { ms: number }[]
  >`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
  const skewSeconds = Math.abs((row?.ms ?? 0) - Date.now()) / 1000;
  return skewSeconds > skewSecondsMax
    ? [`the clocks of database and process differ by ${skewSeconds.toFixed(0)} s`]
    : [];
}

async function checkKeys(
  { app }: Pools,
  { kek, kekPrevious, environment }: Readonly<Config>,
): Promise<string[]> {
  if (!kek) throw new FederationError("bad_configuration", "FEDERATION_KEK is not set");
  await createVault({
    sql: app,
    provider: environmentKeyProvider({ current: kek, previous: kekPrevious }),
    environment,
  });
  return [];
}

async function checkPartitions({ app }: Pools): Promise<string[]> {
  const [row] = await app<{ ahead: boolean }[]>`
    select to_regclass('audit.event_' || to_char(clock_timestamp() + interval '20 days', 'YYYYMM')) is not null as ahead`;
  return row?.ahead ? [] : ["the audit has no partition for the coming weeks"];
}

const unsealedMinutesMax = 5;

/** What happened longer ago than a few checkpoints take, and stands in none. */
async function checkSealed({ app }: Pools): Promise<string[]> {
  const [row] = await app<{ late: boolean }[]>`
    select exists (
      select from audit.head h left join audit.sealed_head s on s.stream = h.stream where h.seq > coalesce(s.seq, 0)
        and h.at_us < extract(epoch from clock_timestamp() - make_interval(mins => ${unsealedMinutesMax})) * 1000000
    ) as late`;
  return row?.late ? [`events older than ${unsealedMinutesMax} minutes stand in no checkpoint`] : [];
}
