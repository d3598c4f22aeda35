import type { Config } from "../../config.ts";
import { generateKek } from "../../crypto/kek.ts";
import { Secret } from "../../crypto/secret.ts";
import { initRoles } from "../../db/init-roles.ts";
import { FederationError } from "../../errors.ts";
import { areLoginsKept } from "../../installation/are-logins-kept.ts";
import { keepLogins } from "../../installation/keep-logins.ts";
import { prepareInstallation } from "../../installation/prepare-installation.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { exitCodes } from "../exit-codes.ts";
import { firstAdmin } from "../first-admin.ts";
import { printLine } from "../print.ts";

export const init: Command = {
  name: "init",
  synopsis: "--email admin@example.com [--database federation] [--keep directory]",
  summary:
    "make roles, keys and the first admin in a Postgres of yours; print what to set, or keep it in files",
  async run(args, config) {
    const options = {
      email: { type: "string" },
      database: { type: "string", default: "federation" },
      keep: { type: "string" },
    } as const;
    const { values } = parse(args, [], options);
    if (!config.adminUrl || !values.email) {
      throw new FederationError("usage", "Set DATABASE_ADMIN_URL and name the first admin with --email.");
    }
    if (values.keep !== undefined && (await areLoginsKept(values.keep))) {
      printLine(`# ${values.keep} opens the database already`);
      return exitCodes.ok;
    }
    const made = await initialise(config, config.adminUrl, values.database, values.email);
    if (values.keep === undefined) printSettings(made);
    else await keep(values.keep, made);
    return exitCodes.ok;
  },
};

interface Made {
  urls: Awaited<ReturnType<typeof initRoles>>;
  /** Undefined when it was given. */
  kek: Secret<string> | undefined;
  /** Undefined when there is an admin already. */
  key: Secret<string> | undefined;
}

async function initialise(
  config: Readonly<Config>,
  adminUrl: Secret<string>,
  database: string,
  email: string,
): Promise<Made> {
  const kek = config.kek ?? new Secret(generateKek());
  const urls = await initRoles({ adminUrl: adminUrl.reveal(), database });
  await prepareInstallation({ ...config, kek }, new Secret(urls.provisionerUrl));
  const settings = {
    ...config,
    kek,
    databaseUrl: new Secret(urls.appUrl),
    gatewayUrl: new Secret(urls.gatewayUrl),
  };
  const key = await firstAdmin(settings, email);
  return { urls, kek: config.kek ? undefined : kek, key };
}

function printSettings({ urls, kek, key }: Made): void {
  printLine(`# web and worker\nDATABASE_URL=${urls.appUrl}\nDATABASE_GATEWAY_URL=${urls.gatewayUrl}`);
  printLine(`# worker and release only\nDATABASE_ADMIN_URL=${urls.provisionerUrl}`);
  if (kek) printLine(`# keep this one outside the database and its backups\nFEDERATION_KEK=${kek.reveal()}`);
  printLine(
    key
      ? `# the first admin's key, shown once\nFEDERATION_API_KEY=${key.reveal()}`
      : "# an admin exists already",
  );
}

async function keep(directory: string, { urls, kek, key }: Made): Promise<void> {
  await keepLogins(directory, { ...urls, kek: kek?.reveal(), apiKey: key?.reveal() });
  printLine(`# logins are kept in ${directory}`);
  printLine(key ? "# and the first admin's key" : "# an admin exists already");
}
