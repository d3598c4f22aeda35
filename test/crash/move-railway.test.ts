// A department that moves from this machine to Railway and back.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { type FakeRailway, startFakeRailway } from "../fakes/railway/start-fake-railway.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { fastPace } from "../providers/railway/railway-world.ts";
import { provision, readRun, runOf, type TestRun } from "./department.ts";
import { killAt } from "./kill-at.ts";
import { ends } from "./move.ts";
import { agentPids } from "./processes.ts";

const scale = 100;
const testMs = 120_000;
let railway: FakeRailway;
let at: Installation;

// What becomes of a deployment there is in the image's name.
async function start(image: string) {
  railway = await startFakeRailway({ scale, lagSeconds: [1, 4], deploySeconds: [10, 20] });
  at = await startInstallation({
    workers: 2,
    environment: {
      HOSTS: "local,railway",
      RAILWAY_ENDPOINT: railway.url,
      RAILWAY_API_TOKEN: railway.controls.accountToken,
      RAILWAY_DOMAINS: "public",
      AGENT_IMAGE: image,
      TEST_RAILWAY_PACE: JSON.stringify(fastPace({}, scale)),
    },
  });
}

async function close() {
  await at.close();
  await railway.close();
}

beforeAll(() => start("agent:1"), 60_000);
afterAll(close);

const submit = async ({ slug }: TestRun, to: "local" | "railway") =>
  runOf(await at.client.send("POST", `/departments/${slug}/move`, { to }));

const endOf = (run: TestRun) =>
  until("the move is over", async () => {
    const { status } = await readRun(at, run.id);
    return ends.includes(status) && status;
  });

async function move(run: TestRun, to: "local" | "railway") {
  expect(await endOf(await submit(run, to))).toBe("succeeded");
}

const projectsOf = ({ department }: TestRun) =>
  railway.controls.projects().filter(({ description }) => description?.includes(department));

async function expectOnlyAt(run: TestRun, host: "local" | "railway") {
  const [row] = await at.sql`
    select d.status, d.host, count(a.*)::int as agents from federation.department d
    left join federation.local_agent a on a.department_id = d.id where d.id = ${run.department} group by d.id`;
  const isLocal = host === "local";
  expect(row).toEqual({ status: "active", host, agents: isLocal ? 1 : 0 });
  const deployments = projectsOf(run).flatMap(({ id }) => railway.controls.deploymentsOf(id));
  expect(deployments.map(({ status }) => status)).toEqual(isLocal ? [] : ["SUCCESS"]);
  await until("only that one's agent runs", () =>
    Promise.resolve(agentPids(run.department)?.length === (isLocal ? 1 : 0)),
  );
}

const shown = z.object({ deployment_url: z.url() });
const report = z.object({ status: z.string() });

/** Asks the agent where callers are led at that moment; a public name of Railway leads to the fake's server behind it. */
async function askAgent({ slug }: TestRun): Promise<[host: string, status: string]> {
  const url = new URL(shown.parse(await at.client.get(`/departments/${slug}`)).deployment_url);
  const domain = [...railway.controls.world.domains.values()].find((one) => one.domain === url.hostname);
  const base = domain ? railway.controls.agentUrl(domain.serviceId) : url.origin;
  const answer = await fetch(`${base}/health`).then((response) => response.json(), String);
  return [domain ? "railway" : "local", report.safeParse(answer).data?.status ?? JSON.stringify(answer)];
}

test(
  "under load its agent answers throughout, to Railway and back, and nothing is left there",
  async () => {
    const run = await provision(at);
    const seen: [string, string][] = [];
    let stopped = false;
    const callers = [1, 2].map(async () => {
      while (!stopped) {
        seen.push(await askAgent(run));
        await Bun.sleep(10);
      }
    });
    const more = async () => {
      const wanted = seen.length + 10;
      await until("callers go on", () => Promise.resolve(seen.length > wanted));
    };
    const moving = async () => {
      await more();
      await move(run, "railway");
      await expectOnlyAt(run, "railway");
      await more();
      await move(run, "local");
      await expectOnlyAt(run, "local");
      await more();
    };
    await Promise.all([moving().finally(() => (stopped = true)), ...callers]);
    expect([...new Set(seen.map(([host]) => host))].toSorted()).toEqual(["local", "railway"]);
    expect([...new Set(seen.map(([, status]) => status))]).toEqual(["ready"]);
    expect(projectsOf(run)).toEqual([]);
  },
  testMs,
);

for (const point of ["after.host.deploy", "switch-host.settled", "after.host.destroy"]) {
  test(
    `worker killed at ${point} of a move to Railway: another one goes on, and it ends in one place`,
    async () => {
      const run = await provision(at);
      const { run: moved } = await killAt(at, point, () => submit(run, "railway"));
      expect(await endOf(moved)).toBe("succeeded");
      expect(projectsOf(run)).toHaveLength(1);
      await expectOnlyAt(run, "railway");
    },
    testMs,
  );
}

test(
  "a move whose new agent never becomes well leaves it where it was, and nothing at Railway",
  async () => {
    await close();
    await start("agent-bad:1");
    const run = await provision(at);
    expect(await endOf(await submit(run, "railway"))).toBe("rolled_back");
    await expectOnlyAt(run, "local");
    expect(projectsOf(run)).toEqual([]);
  },
  testMs,
);
