import { join } from "node:path";
import type { Logger } from "pino";
import { keptUrls } from "../cli/database-urls.ts";
import type { Config } from "../config.ts";
import { generateKek } from "../crypto/kek.ts";
import { prepareInstallation } from "../installation/prepare-installation.ts";
import { Secret } from "../crypto/secret.ts";
import { type EmbeddedPostgres, startEmbedded } from "../db/embedded.ts";
import { initRoles } from "../db/init-roles.ts";
import { migrate } from "../db/migrate.ts";
import { type Sql, withTx } from "../db/tx.ts";
import { withProvisioner } from "../db/with-provisioner.ts";
import { migrateDepartments } from "../departments/schema/migrate-departments.ts";
import { FederationError } from "../errors.ts";
import { keepFile, readKept } from "./keep-file.ts";

export interface Prepared {
  config: Readonly<Config>;
  /** Undefined when DATABASE_URL names a server of the user's. */
  postgres: EmbeddedPostgres | undefined;
}

/**
 * Everything `fed up` needs before its processes start: a database (embedded unless DATABASE_URL is set), the newest
 * schema, logins, keys. What it makes is kept in the data directory and found again by the next start.
 */
export async function prepare(config: Readonly<Config>, log: Logger): Promise<Prepared> {
  if (config.databaseUrl) {
    const adminUrl = config.adminUrl ?? config.databaseUrl;
    await migrate({ adminUrl: adminUrl.reveal(), log: (line) => log.info(line) });
    const own = { ...config, kek: config.kek ?? (await keptKek(config, adminUrl)) };
    await finish(own, adminUrl);
    return { config: own, postgres: undefined };
  }
  const postgres = await startEmbedded({
    directory: join(config.dataDirectory, "postgres"),
    log: (line) => log.info(line),
  });
  try {
    if (postgres.adopted) throw alreadyUp(config.dataDirectory);
    const urls = await embeddedUrls(config, postgres);
    const ready = {
      ...config,
      kek: config.kek ?? (await keptKek(config, new Secret(urls.provisionerUrl))),
      databaseUrl: new Secret(urls.appUrl),
      gatewayUrl: new Secret(urls.gatewayUrl),
      adminUrl: new Secret(urls.provisionerUrl),
    };
    await finish(ready, ready.adminUrl);
    return { config: ready, postgres };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function finish(config: Readonly<Config>, adminUrl: Secret<string>): Promise<void> {
  await prepareInstallation(config, adminUrl);
  const { failed } = await withProvisioner(adminUrl, (sql) => migrateDepartments(sql));
  const [first] = failed;
  if (first)
    throw new FederationError(
      "migration_failed",
      `A department's schema could not be upgraded: ${first.message}`,
    );
}

/** New passwords at each start: nobody else has the old ones, and a copied data directory opens nothing. */
async function embeddedUrls(config: Readonly<Config>, postgres: EmbeddedPostgres) {
  const urls = keptUrls.parse(await initRoles({ adminUrl: postgres.url }));
  await keepFile(join(config.dataDirectory, "database.json"), JSON.stringify(urls));
  return urls;
}

/** Made for a database that has no keys yet; for one that was sealed with another, a new one would open nothing. */
async function keptKek(config: Readonly<Config>, adminUrl: Secret<string>): Promise<Secret<string>> {
  const path = join(config.dataDirectory, "kek");
  const kept = await readKept(path);
  if (kept) return new Secret(kept);
  if (await withProvisioner(adminUrl, isSealed)) throw kekLost(path);
  const made = generateKek();
  await keepFile(path, `${made}\n`);
  return new Secret(made);
}

async function isSealed(sql: Sql): Promise<boolean> {
  return withTx(sql, async (tx) => {
    await tx`set local role federation_owner`;
    const [known] = await tx`select from federation.kek_check limit 1`;
    return known !== undefined;
  });
}

function kekLost(path: string): FederationError {
  return new FederationError(
    "kek_lost",
    `${path} is gone, and this database was sealed with the key in it. Put it back from your copy, or set FEDERATION_KEK to it; nothing was changed.`,
  );
}

function alreadyUp(directory: string): FederationError {
  return new FederationError(
    "already_up",
    `Another process already serves ${directory}; stop it first, or set DATA_DIR.`,
  );
}
