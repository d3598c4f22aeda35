import { existsSync } from "node:fs";
import { join } from "node:path";

const benchDir = join(import.meta.dir, "..");

/** Installs the peers into bench/node_modules on first use, exactly as bench/package-lock.json says. */
export async function installPeers(log: (line: string) => void): Promise<void> {
  if (existsSync(join(benchDir, "node_modules", ".package-lock.json"))) return;
  log("installing the peers into bench/node_modules (npm ci) ...");
  const npm = Bun.spawn(["npm", "ci"], {
    cwd: benchDir,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  if ((await npm.exited) !== 0) throw new Error("npm ci in bench/ failed; run it by hand, then start again");
}
