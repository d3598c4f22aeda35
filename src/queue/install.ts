import { createHash } from "node:crypto";
import { getConstructionPlans, PgBoss } from "pg-boss";
import type postgres from "postgres";
import { openClient } from "../db/open-client.ts";
import type { Sql } from "../db/tx.ts";
import { QUEUES } from "./queues.ts";

const schema = "pgboss";

/** Another value means that `installQueue` has something to do. */
export function queueChecksum(): string {
  return createHash("sha256")
    .update(getConstructionPlans(schema))
    .update(JSON.stringify(QUEUES))
    .update(grants)
    .digest("hex");
}

/** Creates or upgrades pg-boss's schema and our queues, owned by federation_owner; repeating it changes nothing. */
export async function installQueue(adminUrl: string): Promise<void> {
  // One connection: pg-boss sends "begin; …; commit" as one text.
  const owner = openClient(adminUrl, {
    max: 1,
    connection: { application_name: "federation migrate", role: "federation_owner" },
  });
  try {
    await installSchema(owner);
    await owner.unsafe(grants);
  } finally {
    await owner.end({ timeout: 5 });
  }
}

async function installSchema(owner: Sql) {
  const db = {
    executeSql: async (text: string, values?: unknown[]) => ({ rows: await run(owner, text, values) }),
  };
  const boss = new PgBoss({ db, schema, migrate: true, supervise: false, schedule: false });
  const failures: Error[] = [];
  boss.on("error", (error) => failures.push(error));
  await boss.start();
  try {
    for (const { name, options } of QUEUES) {
      if (await boss.getQueue(name)) await boss.updateQueue(name, options);
      else await boss.createQueue(name, options);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  if (failures[0]) throw failures[0];
}

async function run(sql: Sql, text: string, values: unknown[] = []) {
  const result = await sql.unsafe(text, values as postgres.ParameterOrJSON<never>[]);
  return result.every(Array.isArray) ? result.flat() : [...result];
}

const grants = `
  grant usage on schema ${schema} to federation_app;
  grant select, insert, update, delete on all tables in schema ${schema} to federation_app;
  grant usage, select on all sequences in schema ${schema} to federation_app;
  revoke all on all functions in schema ${schema} from public;
  grant execute on all functions in schema ${schema} to federation_app;
`;
