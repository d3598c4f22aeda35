import { afterAll, beforeAll, expect, setSystemTime, test } from "bun:test";
import postgres from "postgres";
import { type Config, loadConfig } from "../../src/config.ts";
import { generateKek } from "../../src/crypto/kek.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { diagnose } from "../../src/doctor/diagnose.ts";
import type { Diagnosis, ProcessName } from "../../src/doctor/diagnosis.ts";
import { type TrailWorld, trailWorld } from "../audit/trail-world.ts";
import { testDatabase } from "../helpers/postgres.ts";

let world: TrailWorld;
let web: Bun.Server<undefined>;
beforeAll(async () => {
  world = await trailWorld();
  web = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => world.edge.app.fetch(request),
  });
});
afterAll(async () => {
  await web.stop(true);
  await world.close();
});

const plain = "PUBLIC_URL is plain HTTP";

async function diagnosed(
  changes: Partial<Config> = {},
  process: ProcessName = "worker",
): Promise<Diagnosis[]> {
  const config = { ...world.edge.deps.config, publicUrl: web.url.origin, ...changes };
  return (await diagnose({ config, process })).filter(({ level }) => level !== "ok");
}
const found = async (changes: Partial<Config> = {}, process: ProcessName = "worker") =>
  (await diagnosed(changes, process)).map(({ what }) => what).filter((what) => what !== plain);
const at = (url: string) => new Secret(url);
const urlsOf = (database: { appUrl: string; gatewayUrl: string; provisionerUrl: string }) => ({
  databaseUrl: at(database.appUrl),
  gatewayUrl: at(database.gatewayUrl),
  adminUrl: at(database.provisionerUrl),
});

test("a sound installation has nothing but plain HTTP to say", async () => {
  expect((await diagnosed()).map(({ what }) => what)).toEqual([plain]);
});

test("every finding comes with a remedy", async () => {
  const kek = at(generateKek());
  const everything = await diagnosed({ kek, publicUrl: "http://127.0.0.1:1" });
  expect(everything.length).toBeGreaterThan(2);
  expect(everything.filter(({ remedy }) => !remedy)).toEqual([]);
});

test("what is not set is named", async () => {
  expect(await found({ databaseUrl: undefined, kek: undefined })).toEqual([
    "DATABASE_URL is not set",
    "FEDERATION_KEK is not set",
  ]);
});

test("events that no checkpoint covers for minutes are told, until one does", async () => {
  const stream = await world.openStream();
  await world.append(stream, 1);
  expect(await found()).toEqual([]);
  await world.edge.sql`update audit.head set at_us = at_us - 600000000 where stream = ${stream}`;
  expect(await found()).toEqual(["events older than 5 minutes stand in no checkpoint"]);
  await world.seal();
  expect(await found()).toEqual([]);
});

test("clocks that differ by a minute are told, database's and web's", async () => {
  const now = Date.now();
  try {
    setSystemTime(new Date(now + 60_000));
    expect(await found()).toContain("the clocks of database and process differ by 60 s");
  } finally {
    setSystemTime();
  }
  const late = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response("ok", { headers: { date: new Date(now - 60_000).toUTCString() } }),
  });
  try {
    expect((await found({ publicUrl: late.url.origin })).join()).toMatch(
      /^the clocks of web and of this process differ by (59|6\d) s$/,
    );
  } finally {
    await late.stop(true);
  }
});

test("a web that is away, and one that cannot serve, are told apart", async () => {
  expect(await found({ publicUrl: "http://127.0.0.1:1" })).toEqual([
    "web does not answer at http://127.0.0.1:1",
  ]);
  const sick = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response("", { status: 503 }),
  });
  try {
    const { origin } = sick.url;
    expect(await found({ publicUrl: origin })).toEqual([`web at ${origin} is not ready: it answers 503`]);
  } finally {
    await sick.stop(true);
  }
});

test("another KEK than the database's is told", async () => {
  expect((await found({ kek: at(generateKek()) })).join()).toMatch(/^keys: .*key/i);
  expect((await found({ kek: at("too short") })).join()).toMatch(/^keys: /);
});

test("a migration that is not applied is named", async () => {
  const { sql } = world.edge;
  const [ledger] = await sql<{ name: string; checksum: string }[]>`
    select name, checksum from federation_ledger.migration where name ~ '^[0-9]{4}_' order by name desc limit 1`;
  if (!ledger) throw new Error("nothing was applied");
  await sql`delete from federation_ledger.migration where name = ${ledger.name}`;
  try {
    expect(await found()).toEqual([`migrations: not applied: ${ledger.name}`]);
  } finally {
    await sql`insert into federation_ledger.migration ${sql(ledger)}`;
  }
});

test("an audit without a partition for the coming weeks is told, while there is time", async () => {
  const { sql } = world.edge;
  const [coming] = await sql<{ name: string }[]>`
    select 'event_' || to_char(clock_timestamp() + interval '20 days', 'YYYYMM') as name`;
  const { name = "" } = coming ?? {};
  await sql`alter table audit.${sql(name)} rename to away`;
  try {
    expect(await found()).toEqual(["the audit has no partition for the coming weeks"]);
  } finally {
    await sql`alter table audit.away rename to ${sql(name)}`;
  }
});

test("a login that is not the pool's own is told by its name", async () => {
  const { gatewayUrl } = world.edge.deps.config;
  expect(await found({ databaseUrl: gatewayUrl })).toEqual([
    "DATABASE_URL is the login federation_gateway, which may not become federation_app",
  ]);
  const { databaseUrl } = world.edge.deps.config;
  expect(await found({ adminUrl: databaseUrl })).toEqual([
    "DATABASE_ADMIN_URL is the login federation_app, which may not become federation_provisioner",
  ]);
});

test("a wrong password, a database that is not there and a server that is not there are told apart, without the URL", async () => {
  const broken = async (change: (url: URL) => void) => {
    const url = new URL(world.edge.deps.config.databaseUrl?.reveal() ?? "");
    change(url);
    const told = await diagnosed({ databaseUrl: at(url.href) });
    expect(JSON.stringify(told)).not.toContain(url.password);
    return told.map(({ what }) => what).filter((what) => what !== plain);
  };
  expect(await broken((url) => void (url.password = "not-this-one"))).toEqual([
    "DATABASE_URL: wrong password for federation_app",
  ]);
  expect(await broken((url) => void (url.pathname = "/nowhere"))).toEqual([
    "DATABASE_URL: the server has no database nowhere",
  ]);
  expect(await broken((url) => void (url.port = "1"))).toEqual(["DATABASE_URL: 127.0.0.1 does not answer"]);
});

test("an administrator's URL in place of the pools' own is told", async () => {
  const admin = at(world.edge.database.adminUrl);
  const told = (await found({ databaseUrl: admin, gatewayUrl: admin, adminUrl: admin })).join();
  expect(told).toContain("The database pool of federation_app logs in as");
});

test("the worker's secrets in web's environment are told, and no others are asked for", async () => {
  expect(await found({}, "web")).toEqual(["DATABASE_ADMIN_URL is set in web"]);
  const { databaseUrl } = world.edge.deps.config;
  expect(await found({ adminUrl: databaseUrl }, "web")).toEqual([]);
  const { railway } = loadConfig({ HOSTS: "local", RAILWAY_API_TOKEN: "a-token" });
  const told = await diagnosed({ adminUrl: databaseUrl, railway }, "web");
  expect(told.map(({ what }) => what)).toEqual([plain, "RAILWAY_API_TOKEN is set in web"]);
  expect(JSON.stringify(told)).not.toContain("a-token");
});

test("a server older than Postgres 15, and one that lets too few connections in, are told", async () => {
  const database = await testDatabase();
  const own = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await own`update pg_database set datconnlimit = 40 where datname = current_database()`;
    const few = await found(urlsOf(database));
    expect(few).toContain("the server lets 40 connections in, and one web and one worker may open 60");
    await own.unsafe(`create or replace function pg_catalog.current_setting(text) returns text
      language sql stable as $$ select case $1 when 'server_version_num' then '140012' else current_setting($1, false) end $$`);
    const old = await found(urlsOf(database));
    expect(old.join()).toContain("Postgres 14.12 is too old: 15.14");
  } finally {
    await own.end({ timeout: 2 });
    await database.close();
  }
});
