import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import postgres from "postgres";
import { loadConfig } from "../../src/config.ts";
import { generateKek } from "../../src/crypto/kek.ts";
import { keepFile, readKept } from "../../src/up/keep-file.ts";
import { prepare } from "../../src/up/prepare.ts";
import { type TestDatabase, testDatabase } from "../helpers/postgres.ts";

let database: TestDatabase;
let data: string;
beforeAll(async () => {
  database = await testDatabase();
  data = await mkdtemp(join(tmpdir(), "federation-kek-"));
});
afterAll(async () => {
  await database.close();
  await rm(data, { recursive: true, force: true });
});

const start = (more: Record<string, string> = {}) =>
  prepare(
    loadConfig({
      DATA_DIR: data,
      DATABASE_URL: database.appUrl,
      DATABASE_GATEWAY_URL: database.gatewayUrl,
      DATABASE_ADMIN_URL: database.adminUrl,
      ...more,
    }),
    pino({ level: "silent" }),
  ).then(
    () => "started",
    (error: { code?: string }) => error.code,
  );

async function keys() {
  const admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  const rows = await admin`
    select (select json_agg(k order by id) from federation.data_key k) as keys,
      (select json_agg(c) from federation.kek_check c) as keks`;
  await admin.end();
  return JSON.stringify(rows);
}

test("a start whose key file is gone refuses and writes no new one; with the key back it starts", async () => {
  expect(await start()).toBe("started");
  const kek = (await readKept(join(data, "kek"))) ?? "";
  expect(kek).toHaveLength(43);
  const before = await keys();
  await rm(join(data, "kek"));
  expect(await start()).toBe("kek_lost");
  expect(await readdir(data)).not.toContain("kek");
  expect(await start({ FEDERATION_KEK: kek })).toBe("started");
  await keepFile(join(data, "kek"), `${generateKek()}\n`);
  expect(await start()).toBe("kek_wrong");
  expect(await keys()).toBe(before);
  await keepFile(join(data, "kek"), `${kek}\n`);
  expect(await start()).toBe("started");
});
