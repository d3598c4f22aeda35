import { expect, test } from "bun:test";
import {
  departmentBody,
  randomSlug,
  readRun,
  runOf,
  submitDeprovision,
  type TestRun,
} from "../crash/department.ts";
import { type FakeRailway, startFakeRailway } from "../fakes/railway/start-fake-railway.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { startKillingProxy } from "../helpers/killing-proxy.ts";
import { fastPace } from "../providers/railway/railway-world.ts";
import { killWorkers } from "../workflows/kill-at-call.ts";

const testMs = 600_000;
/** A minute of conversations that end is 0.6 s. */
const scale = 100;

test.concurrent.each([
  { when: "after", every: 1 },
  { when: "before", every: 2 },
] as const)(
  "worker killed $when one in $every calls to Railway: exactly one of everything, then nothing",
  async ({ when, every }) => {
    const workspaces = Array.from({ length: 4 }, (_, nth) => ({ name: `workspace ${nth}` }));
    const railway = await startFakeRailway({
      scale,
      workspaces,
      lagSeconds: [1, 4],
      deploySeconds: [10, 20],
    });
    const proxy = await startKillingProxy(railway.url, (path) => path.startsWith("/graphql"));
    const at = await startInstallation({ workers: 0, environment: environmentOf(railway, proxy.url) });
    try {
      const workers = await killWorkers(at, proxy);
      let kills = 0;
      let [makes, removes] = [true, true];
      for (let nth = 1; makes || removes; nth += every) {
        const made = await workers.tryKillAt({ nth: makes ? nth : never, when }, () => submit(at));
        expect(await endOf(at, made.run)).toBe("succeeded");
        expectOnce(railway, made.run);
        const remove = () => submitDeprovision(at, made.run.slug);
        const removed = await workers.tryKillAt({ nth: removes ? nth : never, when }, remove);
        expect(await endOf(at, removed.run)).toBe("succeeded");
        expectNone(railway, made.run);
        [makes, removes] = [made.wasKilled, removed.wasKilled];
        kills += Number(makes) + Number(removes);
      }
      // Some 20 calls to make a department, some 20 to remove it.
      expect(kills).toBeGreaterThan(30 / every);
    } finally {
      await at.close();
      await proxy.close();
      await railway.close();
    }
  },
  testMs,
);

const environmentOf = (railway: FakeRailway, url: string) => ({
  HOSTS: "railway",
  RAILWAY_ENDPOINT: `${url}/graphql/v2`,
  RAILWAY_API_TOKEN: railway.controls.accountToken,
  RAILWAY_DOMAINS: "public",
  AGENT_IMAGE: "agent:1",
  TEST_RAILWAY_PACE: JSON.stringify(fastPace({}, scale)),
});

const submit = async ({ client }: Installation): Promise<TestRun> =>
  runOf(await client.send("POST", "/provision-department", departmentBody(randomSlug())));

async function endOf(at: Installation, { id }: TestRun): Promise<string> {
  const row = await until("the run is over", async () => {
    const found = await readRun(at, id);
    return found.over || found.status === "failed" ? found : undefined;
  });
  return row.status === "succeeded" ? row.status : JSON.stringify(row);
}

function expectOnce(railway: FakeRailway, { department }: TestRun) {
  const { projects, world, deploymentsOf } = railway.controls;
  const mine = projects().filter(({ description }) => description?.includes(department));
  const ids = new Set(mine.map(({ id }) => id));
  const inProject = ({ projectId }: { projectId: string }) => ids.has(projectId);
  expect({
    projects: mine.length,
    services: [...world.services.values()].filter(inProject).map(({ name }) => name),
    deployments: mine.flatMap(({ id }) => deploymentsOf(id).map(({ status }) => status)),
    domains: [...world.domains.values()].filter(inProject).length,
  }).toEqual({ projects: 1, services: ["agent"], deployments: ["SUCCESS"], domains: 1 });
}

function expectNone(railway: FakeRailway, { department }: TestRun) {
  const left = railway.controls.projects().filter(({ description }) => description?.includes(department));
  expect(left).toEqual([]);
}

/** More calls than there are. */
const never = 1_000_000;
