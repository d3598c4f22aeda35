import { afterAll, beforeAll, expect, test } from "bun:test";
import { provision } from "../crash/department.ts";
import { untilBlocked } from "../crash/hold-row.ts";
import { withTx } from "../../src/db/tx.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";

const program = new URL("./retention-process.ts", import.meta.url).pathname;
let at: Installation;
beforeAll(async () => void (at = await startInstallation({ workers: 1 })), 60_000);
afterAll(() => at.close(), 60_000);

const tables = ["session", "message", "tool_call", "document"] as const;

/** Keeps 30 days; each of the tables has 3 rows of 101 to 103 days and 2 of a day. */
async function filled() {
  const { department } = await provision(at);
  const [row] = await at.sql<{ schema: string }[]>`
    select schema_name as schema from federation.department where id = ${department}`;
  const schema = row?.schema ?? "";
  const kept = { data_retention: { conversations_days: 30, documents_days: 30 } };
  await at.sql`update federation.department_config set document = document || ${at.sql.json(kept)}
    where department_id = ${department}`;
  await withTx(at.sql, (tx) =>
    tx.unsafe(`
    create temporary table t on commit drop as select gen_random_uuid() as id, n,
      clock_timestamp() - make_interval(days => case when n <= 3 then 100 + n else 1 end) as at
      from generate_series(1, 5) n;
    insert into ${schema}.session (id, room, participant, started_at) select id, 'r', 'p', at from t;
    insert into ${schema}.message (id, session_id, role, text, created_at) select id, id, 'user', 'x', at from t;
    insert into ${schema}.tool_call (call_id, session_id, tool, status, created_at, finished_at)
      select id::text, id, 'email', 'COMPLETED', at, at from t;
    insert into ${schema}.document (id, source, external_id, name, updated_at) select id, 's', n::text, 'd', at from t`),
  );
  return { department, schema };
}

function start(department: string) {
  const { config } = at;
  const env = {
    PATH: process.env["PATH"],
    PORT: String(config.port),
    DATABASE_URL: config.databaseUrl?.reveal(),
    DATABASE_GATEWAY_URL: config.gatewayUrl?.reveal(),
    DATABASE_ADMIN_URL: config.adminUrl?.reveal(),
    FEDERATION_KEK: config.kek?.reveal(),
    DATA_DIR: config.dataDirectory,
    LOG_LEVEL: "error",
  };
  const argv = [process.execPath, program, department];
  return Bun.spawn(argv, { env, stdio: ["ignore", "inherit", "inherit"] });
}

async function rowsOf(schema: string) {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await at.sql.unsafe(`select count(*)::int as n from ${schema}.${table}
      where ${table === "session" ? "id <> '00000000-0000-0000-0000-000000000000'" : "true"}`);
    counts[table] = row?.["n"];
  }
  return counts;
}

async function recordedOf(department: string) {
  const events = await at.sql<{ meta: string }[]>`
    select meta from audit.event where stream = ${department} and action = 'retention.delete'`;
  const sum: Record<string, number> = {};
  for (const { meta } of events)
    for (const [table, rows] of Object.entries<number>(JSON.parse(meta)))
      sum[table] = (sum[table] ?? 0) + rows;
  return sum;
}

const each = (rows: number) => Object.fromEntries(tables.map((table) => [table, rows]));

test("a worker killed between two batches has taken away what is on record and nothing else, and the next run the rest", async () => {
  const { department, schema } = await filled();
  await withTx(at.sql, async (tx) => {
    // Of the second batch: the first one commits, the other hangs with all of its deletions made.
    await tx.unsafe(`select from ${schema}.document where external_id = '1' for update`);
    const worker = start(department);
    await untilBlocked(at, "federation_gateway", `delete from ${schema}.document`);
    worker.kill("SIGKILL");
    await worker.exited;
  });
  expect(await rowsOf(schema)).toEqual(each(3));
  expect(await recordedOf(department)).toEqual(each(2));
  expect(await start(department).exited).toBe(0);
  expect(await rowsOf(schema)).toEqual(each(2));
  expect(await recordedOf(department)).toEqual(each(3));
}, 120_000);
