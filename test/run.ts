// `npm test`: the checks, then every test against one Postgres; `--long`: only test/long. Arguments are path filters.
// The last line is `N passed, N failed`; what crashes, hangs or finds no test counts as failed.
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { runChecks } from "./check.ts";
import { startTestServer } from "./helpers/postgres.ts";
import { countResults, type Counts } from "./tooling/count-results.ts";

const parallelMax = 4;
const isLong = process.argv.includes("--long");
const filters = process.argv.slice(2).filter((argument) => argument !== "--long");
const limits = isLong
  ? { testSeconds: 600, suiteSeconds: 40 * 60 }
  : { testSeconds: 60, suiteSeconds: 15 * 60 };

const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopped.abort());

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
if (!isLong && filters.length === 0) add(await runChecks());
if (!stopped.signal.aborted) add(await withServer(runTests).catch(failed));
if (stopped.signal.aborted) add(failed("Stopped before the end."));
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
await Bun.write(Bun.stdout, `\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
process.exit(counts.failed > 0 ? 1 : 0);

function add(more: Partial<Counts>) {
  counts.passed += more.passed ?? 0;
  counts.failed += more.failed ?? 0;
  counts.skipped += more.skipped ?? 0;
}

function failed(error: unknown): Partial<Counts> {
  console.error(error);
  return { failed: 1 };
}

/** The server of TEST_DATABASE_ADMIN_URL, or one that is gone afterwards. */
async function withServer<T>(fn: (adminUrl: string) => Promise<T>): Promise<T> {
  const given = process.env["TEST_DATABASE_ADMIN_URL"];
  if (given) return await fn(given);
  const server = await startTestServer();
  try {
    return await fn(server.adminUrl);
  } finally {
    await server.stop();
  }
}

async function runTests(adminUrl: string): Promise<Counts> {
  const directory = await mkdtemp(join(tmpdir(), "federation-results-"));
  const report = join(directory, "junit.xml");
  try {
    const tests = Bun.spawn([process.execPath, "test", ...argumentsOf(report)], {
      cwd: join(import.meta.dir, ".."),
      env: { ...process.env, TEST_DATABASE_ADMIN_URL: adminUrl },
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    const tooLong = AbortSignal.timeout(limits.suiteSeconds * 1000);
    const signal = AbortSignal.any([stopped.signal, tooLong]);
    signal.addEventListener("abort", () => void interrupt(tests));
    const exitCode = await tests.exited;
    killGroup(tests.pid);
    if (tooLong.aborted) console.error(`The tests took longer than ${limits.suiteSeconds} s.`);
    const file = Bun.file(report);
    return countResults((await file.exists()) ? await file.text() : "", exitCode);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function interrupt(tests: Bun.Subprocess) {
  tests.kill("SIGINT");
  await Promise.race([tests.exited, Bun.sleep(5000)]);
  killGroup(tests.pid);
}

/** What interrupted or crashed tests have started is in their group, and does not outlive them. */
function killGroup(pid: number) {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}

function argumentsOf(report: string): string[] {
  const paths = filters.length > 0 ? filters : isLong ? ["test/long/"] : [];
  return [
    // A long file uses the whole machine by itself.
    `--parallel=${isLong ? 1 : Math.min(parallelMax, cpus().length)}`,
    `--timeout=${limits.testSeconds * 1000}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...(isLong ? [] : ["--path-ignore-patterns=**/long/**"]),
    // Needs the agent's own packages: npm run test:voice.
    "--path-ignore-patterns=**/test/voice/**",
    ...paths,
  ];
}
