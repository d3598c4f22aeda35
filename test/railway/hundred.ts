import { expect } from "bun:test";
import { z } from "zod";
import { auditedActions } from "../crash/expect-department.ts";
import { submitProvision, type TestRun } from "../crash/department.ts";
import { fastPace } from "../providers/railway/railway-world.ts";
import { railwayPace } from "../../src/providers/railway/pace.ts";
import { type FakeRailway, startFakeRailway } from "../fakes/railway/start-fake-railway.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";

export interface HundredOptions {
  departments: number;
  workspaces: number;
  /** Railway seconds in one of ours. */
  scale: number;
  /** Part of all calls answered with a 504, and part not answered: half of them carried out. */
  faults?: { rate504: number; rateDropped: number };
  /** A worker is killed each so many of our seconds. */
  killEverySeconds?: number;
}

export interface HundredResult {
  /** All in Railway's time. */
  seconds: number;
  /** What the rate of projects alone takes. */
  secondsAtLeast: number;
  calls: number;
  /** Creations that Railway put off, because the one before was carried out late. */
  refusedProjects: number;
  kills: number;
  /** |ETA - truth| / truth of every department, asked once all are in line. */
  etaErrors: { median: number; p95: number; last: number };
}

const warmUp = 3;

/**
 * Submits all departments at once to an installation with two workers on a fake Railway with a Pro plan, and expects each
 * one active, made once, with one deployment and without one call that Railway refused for its rate.
 */
export async function hundredOnRailway(options: HundredOptions): Promise<HundredResult> {
  const { departments, workspaces, scale, killEverySeconds } = options;
  const fake = await startFakeRailway({
    scale,
    workspaces: Array.from({ length: workspaces }, (_, n) => ({ name: `workspace ${n + 1}` })),
    plan: { perHour: 10_000, perSecond: 50 },
    deploySeconds: [150, 180],
    lagSeconds: [1, 8],
  });
  const at = await startInstallation({ workers: 2, environment: environmentFor(fake, scale) });
  try {
    // The ETA needs a history.
    await untilAllSucceeded(at, await submitAll(at, warmUp), scale);
    Object.assign(fake.controls.settings.faults, options.faults);
    const startedMs = performance.now();
    const runs = await submitAll(at, departments);
    const killer = killEverySeconds === undefined ? undefined : killWorkers(at, killEverySeconds);
    const asked = await askEtas(at, runs);
    await untilAllSucceeded(at, runs, scale).catch(async (error: unknown) => {
      await killer?.stop();
      throw error;
    });
    const seconds = ((performance.now() - startedMs) / 1000) * scale;
    const kills = (await killer?.stop()) ?? 0;
    await expectEachOnce(at, fake, runs);
    return {
      seconds: Math.round(seconds),
      secondsAtLeast: Math.ceil(departments / workspaces) * 30,
      calls: sumOf(fake.controls.counts.requests),
      refusedProjects: fake.controls.counts.throttled.projectCreate,
      kills,
      etaErrors: await etaErrors(at, asked),
    };
  } finally {
    await at.close();
    await fake.close();
  }
}

const environmentFor = (fake: FakeRailway, scale: number) => ({
  HOSTS: "railway",
  AGENT_IMAGE: "registry.example/agent:1",
  RAILWAY_ENDPOINT: fake.url,
  RAILWAY_API_TOKEN: fake.controls.accountToken,
  RUNS_MAX: "100",
  TEST_RAILWAY_PACE: JSON.stringify(
    fastPace(
      {
        waitInPlaceSeconds: railwayPace.waitInPlaceSeconds / scale,
        waitForSecondSeconds: railwayPace.waitForSecondSeconds / scale,
      },
      scale,
    ),
  ),
});

const submitAll = (at: Installation, count: number) =>
  Promise.all(Array.from({ length: count }, () => submitProvision(at)));

async function untilAllSucceeded(at: Installation, runs: readonly TestRun[], scale: number): Promise<void> {
  const ids = runs.map(({ id }) => id);
  const hours = 3;
  await until(
    "all are over",
    async () => {
      const rows = await at.sql<{ status: string; error: string | null; n: number }[]>`
        select status, coalesce(error_code, (select max(s.name || ' ' || s.error_code || ' ' || s.failures) from federation.step s
          where s.run_id = run.id and s.error_code is not null)) as error, count(*)::int as n from federation.run where id = any(${ids}) group by 1, 2`;
      const bad = rows.filter(({ status }) =>
        ["failed", "rolling_back", "rolled_back", "cancelled"].includes(status),
      );
      if (bad.length > 0) throw new Error(`runs failed: ${JSON.stringify(bad)}`);
      await Bun.sleep(200);
      return rows.every(({ status }) => status === "succeeded");
    },
    (hours * 3600) / scale + 60,
  );
}

const progress = z.object({ eta_seconds: z.number().nullable() });

/** Asks each department's ETA, once every run stands in the line or is beyond it. */
async function askEtas(at: Installation, runs: readonly TestRun[]) {
  const ids = runs.map(({ id }) => id);
  const inLine = async () => {
    const [row] = await at.sql<{ n: number }[]>`
      select count(*)::int as n from federation.step
      where name = 'host-project' and (queue_seconds > 0 or status = 'done') and run_id = any(${ids})`;
    await Bun.sleep(100);
    return row?.n === runs.length;
  };
  await until("all stand in line", inLine, 120);
  return Promise.all(
    runs.map(async ({ id }) => {
      const answer = progress.parse(await at.client.get(`/provision-status/${id}`));
      return { id, at: new Date(), etaSeconds: answer.eta_seconds ?? 0 };
    }),
  );
}

async function etaErrors(at: Installation, asked: Awaited<ReturnType<typeof askEtas>>) {
  const rows = await at.sql<{ id: string; finished: Date }[]>`
    select id, finished_at as finished from federation.run where id = any(${asked.map(({ id }) => id)})`;
  const finished = new Map(rows.map((row) => [row.id, row.finished]));
  const errors = asked.map((one) => {
    const truth = ((finished.get(one.id)?.getTime() ?? 0) - one.at.getTime()) / 1000;
    return { truth, error: Math.abs(one.etaSeconds - truth) / truth };
  });
  const sorted = errors.map(({ error }) => error).toSorted((a, b) => a - b);
  const part = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const last = errors.toSorted((a, b) => b.truth - a.truth)[0]?.error ?? 0;
  return { median: part(0.5), p95: part(0.95), last };
}

/** One worker after the other, each replaced at once. */
function killWorkers(at: Installation, everySeconds: number) {
  let stopping = false;
  let kills = 0;
  const work = (async () => {
    while (!stopping) {
      await Bun.sleep(everySeconds * 1000);
      if (stopping) break;
      at.worker().kill("SIGKILL");
      kills += 1;
      await at.startWorker();
    }
  })();
  work.catch(() => {});
  return {
    async stop() {
      stopping = true;
      await work;
      return kills;
    },
  };
}

async function expectEachOnce(at: Installation, fake: FakeRailway, runs: readonly TestRun[]): Promise<void> {
  const { controls } = fake;
  const { projectCreate: _, ...throttled } = controls.counts.throttled;
  expect(Object.values(throttled).filter((times) => times > 0)).toEqual([]);
  expect(controls.projects()).toHaveLength(runs.length + warmUp);
  expect(controls.duplicates()).toEqual([]);
  expect(controls.orphans()).toEqual([]);
  for (const { slug, department } of runs) {
    const deployments = controls.deploymentsOf(`aio-${slug}-${at.config.environment}`);
    expect(deployments.map(({ cause }) => cause)).toEqual(["deployV2"]);
    expect((await auditedActions(at, department)).get("department.activate")).toBe(1);
  }
}

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, n) => sum + n, 0);
