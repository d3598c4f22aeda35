import { prepareInstallation } from "../../installation/prepare-installation.ts";
import { migrate as migrateDatabase } from "../../db/migrate.ts";
import { migrateDepartments } from "../../departments/schema/migrate-departments.ts";
import { FederationError } from "../../errors.ts";
import { withProvisioner } from "../../db/with-provisioner.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine } from "../print.ts";

export const migrate: Command = {
  name: "migrate",
  synopsis: "",
  summary: "bring the control schema, the keys and every department's schema up to date",
  async run(args, config) {
    const { json } = parse(args, [], {});
    const { adminUrl } = config;
    if (!adminUrl) throw new FederationError("bad_configuration", "Set DATABASE_ADMIN_URL.");
    const { applied } = await migrateDatabase({ adminUrl: adminUrl.reveal() });
    await prepareInstallation(config, adminUrl);
    const departments = await withProvisioner(adminUrl, (sql) => migrateDepartments(sql));
    if (json) printJson({ applied, departments });
    else
      printLine(
        `control schema: ${applied.join(", ") || "up to date"}\ndepartments: ${JSON.stringify(departments)}`,
      );
    return departments.failed.length > 0 ? exitCodes.failed : exitCodes.ok;
  },
};
