import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { raiseAlert } from "../../src/alerts/raise.ts";
import { resolveAlert } from "../../src/alerts/resolve.ts";
import { appendAudit } from "../../src/audit/append.ts";
import { type Sql, withTx } from "../../src/db/tx.ts";
import { type TestDatabase, testDatabase } from "../helpers/postgres.ts";

let database: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await testDatabase();
  sql = postgres(database.appUrl, { max: 8, connection: { role: "federation_app" } });
});
afterAll(async () => {
  await sql.end();
  await database.close();
});

const alert = {
  name: "queue_old",
  subject: "",
  severity: "warning",
  summary: "The oldest job waits.",
} as const;
const raise = () => withTx(sql, async (tx) => appendAudit(tx, await raiseAlert(tx, alert)));
const resolve = () =>
  withTx(sql, async (tx) => appendAudit(tx, await resolveAlert(tx, alert.name, alert.subject)));
const told = async () => {
  const rows = await sql`select type from federation.webhook_event where type like 'alert.%' order by id`;
  return rows.map(({ type }) => type);
};

test("an alert that is noticed by many at once is told once, once more when it is over, and may come again", async () => {
  await Promise.all(Array.from({ length: 8 }, raise));
  expect(await told()).toEqual(["alert.fired"]);
  await Promise.all(Array.from({ length: 8 }, resolve));
  expect(await told()).toEqual(["alert.fired", "alert.resolved"]);
  await raise();
  expect(await told()).toEqual(["alert.fired", "alert.resolved", "alert.fired"]);
  const trail = await sql`select action from audit.event where action like 'alert.%' order by seq`;
  expect(trail.map(({ action }) => action)).toEqual(["alert.fire", "alert.resolve", "alert.fire"]);
});
