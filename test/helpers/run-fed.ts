import { join } from "node:path";

const main = join(import.meta.dir, "../../src/cli/main.ts");

/** Runs `fed` as a process of its own, against this server and with this key. */
export async function runFed(at: { url: string; key: string }, args: readonly string[], stdin = "") {
  const child = Bun.spawn([process.execPath, main, ...args], {
    env: { ...process.env, FEDERATION_URL: at.url, FEDERATION_API_KEY: at.key, LOG_LEVEL: "error" },
    stdin: new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}
