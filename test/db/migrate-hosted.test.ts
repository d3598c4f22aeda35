import { afterAll, beforeAll, expect, test } from "bun:test";
import postgres from "postgres";
import { migrate } from "../../src/db/migrate.ts";
import { openPools } from "../../src/db/pools.ts";
import type { Sql } from "../../src/db/tx.ts";
import { randomSuffix } from "../../src/departments/suffix.ts";
import { startTestServer, type TestServer } from "../helpers/postgres.ts";

// Roles are the cluster's: what this administrator is given would disturb other files, so the server is its own.
let server: TestServer;
let superuser: Sql;
let adminUrl: string;

beforeAll(async () => {
  server = await startTestServer();
  superuser = postgres(server.adminUrl, { max: 1, onnotice: () => {} });
  await superuser`create role hosted login createrole createdb password 'hosted'`;
  await superuser`create database hosted owner hosted`;
  const url = new URL(server.adminUrl);
  url.username = "hosted";
  url.password = "hosted";
  url.pathname = "/hosted";
  adminUrl = url.href;
});

afterAll(async () => {
  await superuser.end({ timeout: 2 });
  await server.stop();
});

test("an administrator without superuser, as hosted Postgres gives, makes a whole installation", async () => {
  const { applied } = await migrate({ adminUrl });
  expect(applied).toContain("queue");
  const members = await superuser`
    select m.member::regrole::text as name from pg_auth_members m
    where m.roleid = 'federation_reader'::regrole and coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)
      and not (to_jsonb(m) ->> 'admin_option')::boolean`;
  expect([...members]).toEqual([]);
  expect((await migrate({ adminUrl })).applied).toEqual([]);
});

test("its provisioner makes and removes a department's role", async () => {
  const pools = openPools({ appUrl: adminUrl, gatewayUrl: adminUrl, adminUrl, applicationName: "test" });
  const suffix = randomSuffix();
  await pools.provisioner?.unsafe(`select federation_roles.add('${suffix}')`);
  expect(await superuser`select from pg_roles where rolname = ${`d_${suffix}`}`).toHaveLength(1);
  await pools.provisioner?.unsafe(`select federation_roles.remove('${suffix}')`);
  expect(await superuser`select from pg_roles where rolname = ${`d_${suffix}`}`).toHaveLength(0);
  await pools.close();
});
