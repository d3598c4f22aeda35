// `npm run check`: everything that needs no database, side by side. One line each, the output of what fails.
import { cpus } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const module = (path: string) => join("node_modules", path);

const checks: Record<string, readonly string[]> = {
  format: ["fmt", "--check"],
  lint: [module("oxlint/bin/oxlint"), "--format=unix"],
  types: ["check", "--no-script"],
  "dead code": [module("knip/bin/knip.js"), "--no-progress"],
  secrets: ["test/tooling/secrets-scan.ts"],
  openapi: ["test/tooling/openapi-lint.ts"],
  lock: ["test/tooling/lock-check.ts"],
};

/** Runs all checks, or those named, and answers how many passed and failed. */
export async function runChecks(names: readonly string[] = []): Promise<{ passed: number; failed: number }> {
  const queue = Object.entries(checks).filter(([name]) => names.length === 0 || names.includes(name));
  if (queue.length === 0) throw new Error(`Checks: ${Object.keys(checks).join(", ")}.`);
  const results: boolean[] = [];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await runCheck(...next));
  };
  await Promise.all(Array.from({ length: Math.max(2, cpus().length) }, work));
  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed };
}

async function runCheck(name: string, args: readonly string[]): Promise<boolean> {
  const startedAt = performance.now();
  const child = Bun.spawn([process.execPath, ...args], { cwd: root, stdout: "pipe", stderr: "pipe" });
  const output = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const passed = (await child.exited) === 0;
  const milliseconds = Math.round(performance.now() - startedAt);
  console.log(`${passed ? "ok  " : "FAIL"} ${name.padEnd(9)} ${String(milliseconds).padStart(6)} ms`);
  if (!passed) console.log(output.join("").trimEnd());
  return passed;
}

if (import.meta.main) {
  const { failed } = await runChecks(process.argv.slice(2));
  process.exitCode = failed > 0 ? 1 : 0;
}
