// npm's lock is the only one in the repository; `bun install` has to make the same tree from it.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findLockDifferences, findMissingPlatforms } from "./find-lock-differences.ts";

const directory = await mkdtemp(join(tmpdir(), "federation-lock-"));
try {
  for (const file of ["package.json", "package-lock.json"]) await cp(file, join(directory, file));
  const install = Bun.spawn([process.execPath, "install", "--lockfile-only"], {
    cwd: directory,
    stderr: "inherit",
  });
  if ((await install.exited) !== 0) throw new Error("bun install failed.");
  const texts = ["package-lock.json", "bun.lock"].map((file) => Bun.file(join(directory, file)).text());
  const [npm = "", bun = ""] = await Promise.all(texts);
  const differences = [...findLockDifferences(npm, bun), ...findMissingPlatforms(npm)];
  for (const line of differences) console.log(line);
  process.exitCode = differences.length > 0 ? 1 : 0;
} finally {
  await rm(directory, { recursive: true, force: true });
}
