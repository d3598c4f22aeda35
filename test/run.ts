// `npm test`: the checks, then every test against one Postgres; `--suite=<name>`: one of suites.ts instead. Arguments
// are path filters. The last line is `N passed, N failed`; what crashes, hangs or finds no test counts as failed, and a
// suite that cannot be run here as skipped.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runChecks } from "./check.ts";
import { startTestServer } from "./helpers/postgres.ts";
import { type Prepared, type Suite, type SuiteName, suites } from "./suites.ts";
import { countResults, type Counts } from "./tooling/count-results.ts";

const option = "--suite=";
const name = process.argv.find((argument) => argument.startsWith(option))?.slice(option.length) ?? "default";
if (!isSuite(name)) throw new Error(`there is no suite ${name}`);
const suite: Suite = suites[name];
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith(option));

const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopped.abort());

const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
if (name === "default" && filters.length === 0) add(await runChecks());
if (!stopped.signal.aborted) add(await runSuite().catch(failed));
if (stopped.signal.aborted) add(failed("Stopped before the end."));
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
await Bun.write(Bun.stdout, `\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
process.exit(counts.failed > 0 ? 1 : 0);

function isSuite(text: string): text is SuiteName {
  return Object.hasOwn(suites, text);
}

async function runSuite(): Promise<Partial<Counts>> {
  const prepared = await suite.prepare?.();
  if (typeof prepared === "string") {
    console.error(`\nSKIPPED: the suite ${name}. Reason: ${prepared}.`);
    return { skipped: 1 };
  }
  try {
    return await withServer((adminUrl) => runTests(adminUrl, prepared));
  } finally {
    await prepared?.stop();
  }
}

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

async function runTests(adminUrl: string, prepared: Prepared | undefined): Promise<Counts> {
  const directory = await mkdtemp(join(tmpdir(), "federation-results-"));
  const report = join(directory, "junit.xml");
  try {
    const tests = Bun.spawn([process.execPath, "test", ...argumentsOf(report)], {
      cwd: join(import.meta.dir, ".."),
      env: { ...process.env, ...prepared?.environment, TEST_DATABASE_ADMIN_URL: adminUrl },
      stdio: ["ignore", "inherit", "inherit"],
      detached: true,
    });
    const tooLong = AbortSignal.timeout(suite.suiteSeconds * 1000);
    const signal = AbortSignal.any([stopped.signal, tooLong]);
    signal.addEventListener("abort", () => void interrupt(tests));
    const exitCode = await tests.exited;
    killGroup(tests.pid);
    if (tooLong.aborted) console.error(`The tests took longer than ${suite.suiteSeconds} s.`);
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
  const paths = filters.length > 0 ? filters : suite.paths;
  const others = Object.values(suites).flatMap((other): readonly string[] => other.paths);
  return [
    `--parallel=${suite.parallel}`,
    `--timeout=${suite.testSeconds * 1000}`,
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...(name === "default" && filters.length === 0
      ? others.map((path) => `--path-ignore-patterns=${/^test\/[^/]+\//.exec(path)?.[0]}**`)
      : []),
    ...paths,
  ];
}
