import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAgentLog } from "../../../../src/providers/hosts/local/agent-log.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "agent-log-"));
});
afterEach(() => rm(directory, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);

test("a log goes on where the last one ended and only its owner may read it", async () => {
  const path = join(directory, "agents", "a.log");
  for (const line of ["one\n", "two\n"]) {
    const log = openAgentLog(path);
    log.write(bytes(line));
    log.close();
  }
  expect(await readFile(path, "utf8")).toBe("one\ntwo\n");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a log never holds more than twice its limit, and the newest is kept", async () => {
  const path = join(directory, "a.log");
  const log = openAgentLog(path, 10);
  for (const line of ["1234567\n", "abcdefg\n", "newest\n"]) log.write(bytes(line));
  log.close();
  expect(await readFile(path, "utf8")).toBe("newest\n");
  expect(await readFile(`${path}.1`, "utf8")).toBe("abcdefg\n");
});
