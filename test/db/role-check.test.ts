import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { openPools } from "../../src/db/pools.ts";
import { checkRoles, checkVersion } from "../../src/db/role-check.ts";
import { testDatabase } from "../helpers/postgres.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  for (const close of closers) await close();
  await database.close();
});

function open(urls: { appUrl?: string; gatewayUrl?: string; adminUrl?: string }) {
  const { adminUrl } = database;
  const pools = openPools({
    appUrl: adminUrl,
    gatewayUrl: adminUrl,
    adminUrl,
    applicationName: "test",
    ...urls,
  });
  closers.push(pools.close);
  return pools;
}

test("one administrator's URL is enough for pools that each run as their own role", async () => {
  const { app, gateway, provisioner } = open({});
  const roles = [app, gateway, provisioner ?? app].map((sql) => sql`select current_user as role`);
  expect((await Promise.all(roles)).map((rows) => rows[0]?.["role"])).toEqual([
    "federation_app",
    "federation_gateway",
    "federation_provisioner",
  ]);
});

test("a role given at the start survives reset role", async () => {
  const { app } = open({});
  await app`reset role`;
  expect(await app`select current_user as role`).toMatchObject([{ role: "federation_app" }]);
});

test("pools limit statements and idle transactions", async () => {
  const { gateway } = open({});
  const [limits] = await gateway`
    select current_setting('statement_timeout') as statement, current_setting('application_name') as name,
      current_setting('idle_in_transaction_session_timeout') as idle`;
  expect(limits).toEqual({ statement: "15s", name: "test", idle: "30s" });
});

test("an administrator's session is a warning in development and refused in production", async () => {
  const pools = open({});
  const warnings = await checkRoles(pools, { production: false });
  expect(warnings).toHaveLength(3);
  const refused = checkRoles(pools, { production: true });
  expect(await refused.catch((error: unknown) => error)).toMatchObject({ code: "database_role_unsafe" });
});

test("a pool that runs as a superuser or as another's role is refused everywhere", async () => {
  const superuser = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  closers.push(() => superuser.end());
  const { close, ...pools } = open({});
  for (const app of [superuser, pools.gateway]) {
    const checked = checkRoles({ ...pools, app, close }, { production: false });
    expect(await checked.catch((error: unknown) => error)).toMatchObject({ code: "database_role_unsafe" });
  }
});

test.each([140_020, 150_013, 160_009, 170_005])("server %i lacks a fix we need", (version) => {
  expect(() => checkVersion(version)).toThrow("too old");
});

test.each([150_014, 160_010, 170_006, 180_000, 190_001])("server %i will do", (version) => {
  expect(checkVersion(version)).toBeUndefined();
});
