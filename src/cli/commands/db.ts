import { lintDatabase } from "../../db/lint/lint-database.ts";
import { withProvisioner } from "../../db/with-provisioner.ts";
import { schemaReference } from "../../departments/schema/schema-reference.ts";
import { migrateDepartments } from "../../departments/schema/migrate-departments.ts";
import { FederationError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { parse } from "../arguments.ts";
import { connect } from "../connect.ts";
import { adminUrlOf } from "../database-urls.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLine, printTable } from "../print.ts";

export const db: Command = {
  name: "db",
  synopsis: "(lint | migrate | access <department>)",
  summary:
    "check the walls of every department's schema; migrate every department; show the login of one that has its own",
  async run(args, config) {
    const { positionals, json } = parse(args, ["action", "[department]"], {});
    const [action, department] = positionals;
    if (action === "access" && department !== undefined) {
      const client = await connect(config);
      printJson(await client.get(`/departments/${encodeURIComponent(department)}/database-access`));
      return exitCodes.ok;
    }
    const adminUrl = await adminUrlOf(config);
    if (action === "migrate") {
      const result = await withProvisioner(adminUrl, (sql) => migrateDepartments(sql));
      printJson(result);
      return result.failed.length > 0 ? exitCodes.failed : exitCodes.ok;
    }
    if (action !== "lint") throw new FederationError("usage", "Actions: lint, migrate, access <department>.");
    const findings = await withProvisioner(adminUrl, async (sql) =>
      lintDatabase(sql, await schemaReference()),
    );
    if (json) printJson(findings);
    else if (findings.length === 0) printLine("nothing found");
    else
      printTable(
        ["rule", "object", "message"],
        findings.map((finding) => [finding.rule, finding.object, finding.message]),
      );
    return findings.length > 0 ? exitCodes.findings : exitCodes.ok;
  },
};
