import { OpenWorkflow } from "openworkflow";
import { BackendPostgres } from "openworkflow/postgres";
import postgres from "postgres";
import packageJson from "../node_modules/openworkflow/package.json" with { type: "json" };

export const version = packageJson.version;
export const poolMax = 20;

/** The backend with a larger pool than its own `connect` makes; that one is only used to create the tables. */
export async function connect(databaseUrl: string) {
  const migrated = await BackendPostgres.connect(databaseUrl);
  await migrated.stop();
  const sql = postgres(databaseUrl, {
    max: poolMax,
    transform: { column: { from: postgres.toCamel } },
    onnotice: () => {},
  });
  const backend = BackendPostgres.fromPool(sql);
  return { sql, backend, client: new OpenWorkflow({ backend }) };
}
