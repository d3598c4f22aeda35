// `npm run test:voice`: the agent's voice with its own packages, which the root does not have: installs them, checks the
// types, runs the tests; those of the image only where Docker answers. The last line is `N passed, N failed`.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countResults, type Counts } from "../tooling/count-results.ts";

const root = join(import.meta.dir, "../..");
const testSeconds = 120;

const run = (command: string[], cwd = root) =>
  Bun.spawn(command, { cwd, stdio: ["ignore", "inherit", "inherit"] }).exited;

async function hasDocker(): Promise<boolean> {
  if (Bun.which("docker") === null) return false;
  const child = Bun.spawn(["docker", "version"], { stdio: ["ignore", "ignore", "ignore"] });
  return (await child.exited) === 0;
}

async function runTests(paths: string[]): Promise<Counts> {
  const directory = await mkdtemp(join(tmpdir(), "federation-results-"));
  const report = join(directory, "junit.xml");
  try {
    const options = [`--timeout=${testSeconds * 1000}`, "--reporter=junit", `--reporter-outfile=${report}`];
    const exitCode = await run([process.execPath, "test", ...options, ...paths]);
    const file = Bun.file(report);
    return countResults((await file.exists()) ? await file.text() : "", exitCode);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const steps = [
  () => run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], join(root, "templates/agent")),
  () => run([process.execPath, "check", "--no-script", "-p", "test/voice"]),
];
let failed = 0;
for (const step of steps) failed += (await step()) === 0 ? 0 : 1;
const paths = ["worker", "conversation"].map((name) => `test/voice/${name}.test.ts`);
if (await hasDocker()) paths.push("test/voice/image.test.ts");
else console.log("Docker does not answer: the tests of the image did not run.");
const counts = failed === 0 ? await runTests(paths) : { passed: 0, failed: 0, skipped: 0 };
console.log(`\n${counts.passed} passed, ${counts.failed + failed} failed`);
process.exit(counts.failed + failed > 0 ? 1 : 0);
