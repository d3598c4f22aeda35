import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config.ts";
import { checkDataDirectory } from "../../src/doctor/check-data-directory.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "federation-doctor-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const found = (path: string) =>
  checkDataDirectory({ config: loadConfig({ DATA_DIR: path }), process: "worker" });

test("a data directory that others may read is told with its mode and what to do", async () => {
  await chmod(directory, 0o755);
  expect(await found(directory)).toMatchObject([
    {
      level: "warning",
      what: "DATA_DIR is open to others (mode 755)",
      remedy: expect.stringContaining("chmod 700"),
    },
  ]);
  await chmod(directory, 0o700);
  expect(await found(directory)).toEqual([{ level: "ok", what: "DATA_DIR is private" }]);
});

test("a data directory that nobody made yet is no finding; a file in its place is an error", async () => {
  expect(await found(join(directory, "none"))).toEqual([]);
  expect(await found(import.meta.path)).toMatchObject([{ level: "error" }]);
});
