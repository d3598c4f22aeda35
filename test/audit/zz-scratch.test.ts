import { test } from "bun:test";
import { testDatabase } from "../helpers/postgres.ts";
import { migrate } from "../../src/db/migrate.ts";
test("scratch", async () => {
  const database = await testDatabase({
    template: {
      name: "scratch_0010",
      fingerprint: String(Math.random()),
      build: (adminUrl: string) => migrate({ adminUrl, sqlDirectory: "/tmp/sqltest" }),
    },
  });
  await database.close();
}, 60000);
