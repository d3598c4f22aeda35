import { prepareInstallation } from "../../installation/prepare-installation.ts";
import { Secret } from "../../crypto/secret.ts";
import { generateKek } from "../../crypto/kek.ts";
import { initRoles } from "../../db/init-roles.ts";
import { FederationError } from "../../errors.ts";
import { firstAdmin } from "../first-admin.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { exitCodes } from "../exit-codes.ts";
import { printLine } from "../print.ts";

export const init: Command = {
  name: "init",
  synopsis: "--email admin@example.com [--database federation]",
  summary: "make roles, keys and the first admin in a Postgres of yours; print what to set",
  async run(args, config) {
    const options = {
      email: { type: "string" },
      database: { type: "string", default: "federation" },
    } as const;
    const { values } = parse(args, [], options);
    if (!config.adminUrl || !values.email) {
      throw new FederationError("usage", "Set DATABASE_ADMIN_URL and name the first admin with --email.");
    }
    const kek = config.kek ?? new Secret(generateKek());
    const urls = await initRoles({ adminUrl: config.adminUrl.reveal(), database: values.database });
    await prepareInstallation({ ...config, kek }, new Secret(urls.provisionerUrl));
    const settings = {
      ...config,
      kek,
      databaseUrl: new Secret(urls.appUrl),
      gatewayUrl: new Secret(urls.gatewayUrl),
    };
    const key = await firstAdmin(settings, values.email);
    printLine(`# web and worker\nDATABASE_URL=${urls.appUrl}\nDATABASE_GATEWAY_URL=${urls.gatewayUrl}`);
    printLine(`# worker and release only\nDATABASE_ADMIN_URL=${urls.provisionerUrl}`);
    if (!config.kek)
      printLine(`# keep this one outside the database and its backups\nFEDERATION_KEK=${kek.reveal()}`);
    printLine(
      key
        ? `# the first admin's key, shown once\nFEDERATION_API_KEY=${key.reveal()}`
        : "# an admin exists already",
    );
    return exitCodes.ok;
  },
};
