import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentSpec } from "../../../../src/providers/hosts/host.ts";
import { agentCommand } from "../../../../src/providers/hosts/local/agent-command.ts";
import type { Supervisor } from "../../../../src/providers/hosts/local/supervisor.ts";
import { agentToken } from "../../../agent/run-agent.ts";
import { call, isAlive, type LocalWorld, openLocalWorld } from "./world.ts";
import { FederationError } from "../../../../src/errors.ts";

let world: LocalWorld;
let supervisor: Supervisor;

beforeAll(async () => {
  world = await openLocalWorld();
  supervisor = world.startSupervisor();
});
afterAll(() => world.close());

async function deploy(): Promise<{ spec: AgentSpec; url: string; pid: number }> {
  const spec = await world.makeSpec();
  await world.host.ensureService(spec, call());
  const { url } = await world.host.deploy(spec, call());
  const { pid } = await world.untilRow(spec.departmentId, (row) => row.pid !== null);
  return { spec, url, pid: pid! };
}

test("an agent killed with SIGKILL comes back by itself at the same address, and that is counted", async () => {
  const { spec, url, pid } = await deploy();
  process.kill(pid, "SIGKILL");
  const row = await world.untilRow(
    spec.departmentId,
    (found) => found.pid !== pid && found.running_version === 1,
  );
  expect(row.restarts).toBe(1);
  expect(`http://127.0.0.1:${row.port}`).toBe(url);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("an agent is really gone when destroy answers", async () => {
  const { spec, pid, url } = await deploy();
  expect(await isAlive(pid)).toBe(true);
  await world.host.destroy(spec.departmentId, call());
  expect(await isAlive(pid)).toBe(false);
  await expect(fetch(`${url}/health`)).rejects.toThrow();
});

test("destroy leaves no process behind at whatever moment of a start it comes", async () => {
  for (let afterMs = 0; afterMs <= 60; afterMs += 6) {
    const spec = await world.makeSpec();
    await world.host.ensureService(spec, call());
    const starting = world.host.deploy(spec, call()).catch(() => "not started");
    await Bun.sleep(afterMs);
    await destroyed(spec.departmentId);
    expect(await processesOf(spec.departmentId)).toEqual([]);
    await starting;
  }
});

/** As a step does: a deploy that came in between makes it retryable. */
async function destroyed(departmentId: string) {
  for (let tries = 0; ; tries++) {
    try {
      return await world.host.destroy(departmentId, call());
    } catch (error) {
      if (tries === 5 || !(error instanceof FederationError && error.retryable)) throw error;
    }
  }
}

test("secrets are in the agent's environment only: not in its arguments, not in its log, and ours are not there", async () => {
  const { spec, url, pid } = await deploy();
  await fetch(`${url}/tools/search_documents`, {
    method: "POST",
    headers: { authorization: `Bearer ${agentToken}`, "content-type": "application/json" },
    body: JSON.stringify({ query: "leave" }),
  });
  const log = await readFile(join(world.dataDirectory, "agents", `${spec.departmentId}.log`), "utf8");
  expect(log).toContain('"msg":"listening"');
  const seen = log + (process.platform === "linux" ? await readFile(`/proc/${pid}/cmdline`, "utf8") : "");
  for (const secret of [spec.variables["FEDERATION_KEY_SECRET"]!, agentToken])
    expect(seen).not.toContain(secret);
  if (process.platform !== "linux") return;
  const environment = (await readFile(`/proc/${pid}/environ`, "utf8"))
    .split("\0")
    .filter((entry) => entry !== "");
  const names = environment.map((entry) => entry.split("=")[0]).sort();
  expect(names).toEqual([...Object.keys(spec.variables), "HOST", "PORT"].sort());
});

test("when another program has the port the agent takes the next one and the department's address follows", async () => {
  const spec = await world.makeSpec();
  await world.host.ensureService(spec, call());
  const first = await world.host.deploy(spec, call());
  await world.host.stop(spec.departmentId, call());
  const port = Number(new URL(first.url).port);
  const taken = Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } });
  await world.sql`update federation.department set agent_url = ${first.url} where id = ${spec.departmentId}`;
  const second = await world.host.deploy(spec, call());
  expect(Number(new URL(second.url).port)).toBe(port + 1);
  const [department] =
    await world.sql`select agent_url from federation.department where id = ${spec.departmentId}`;
  expect(department?.["agent_url"]).toBe(second.url);
  taken.stop(true);
});

test("an agent that cannot start is tried again and does not hold up others", async () => {
  const broken = await world.makeSpec();
  broken.variables["DEPARTMENT_ID"] = "not-a-uuid";
  await world.host.ensureService(broken, call());
  const aborter = new AbortController();
  const waiting = world.host.deploy(broken, { ...call(), signal: aborter.signal }).catch(() => "aborted");
  await deploy();
  const fixed = { ...broken, variables: { ...broken.variables, DEPARTMENT_ID: broken.departmentId } };
  await world.host.setVariables(fixed, call());
  await world.host.deploy(fixed, call());
  aborter.abort();
  await waiting;
});

test("agents live on and are restarted while the database is away", async () => {
  const { spec, url, pid } = await deploy();
  await world.admin`alter table federation.local_agent rename to local_agent_away`;
  process.kill(pid, "SIGKILL");
  while (await isAlive(pid)) await Bun.sleep(5);
  for (let up = false; !up; await Bun.sleep(20))
    up = await fetch(`${url}/health`).then(
      (res) => res.ok,
      () => false,
    );
  await world.admin`alter table federation.local_agent_away rename to local_agent`;
  const row = await world.untilRow(spec.departmentId, (found) => found.pid !== pid && found.pid !== null);
  expect(await isAlive(row.pid!)).toBe(true);
});

test("a supervisor that loses its database connections goes on", async () => {
  const { spec, pid } = await deploy();
  await world.admin`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'supervisor'`;
  await world.host.stop(spec.departmentId, call());
  expect(await isAlive(pid)).toBe(false);
});

test("a supervisor that closes takes its agents along; the next one starts them where they were", async () => {
  const { spec, url, pid } = await deploy();
  await supervisor.close();
  expect(await isAlive(pid)).toBe(false);
  expect(await world.row(spec.departmentId)).toMatchObject({ desired: "running", live: false, pid: null });
  supervisor = world.startSupervisor();
  const row = await world.untilRow(
    spec.departmentId,
    (found) => found.running_version === found.spec_version,
  );
  expect(row.pid).not.toBe(pid);
  expect(`http://127.0.0.1:${row.port}`).toBe(url);
});

test("what an earlier supervisor said is forgotten, so that nothing is taken for running", async () => {
  const spec = await world.makeSpec();
  await supervisor.close();
  await world.host.ensureService(spec, call());
  await world.sql`update federation.local_agent set pid = 1, port = 1, running_version = 0, started_at = clock_timestamp(),
    stopped_at = null where department_id = ${spec.departmentId}`;
  supervisor = world.startSupervisor();
  await world.untilRow(spec.departmentId, (row) => !row.live && row.pid === null);
});

test.skipIf(agentCommand().argv[0] === process.execPath)(
  "agents end with a supervisor that is killed",
  async () => {
    await supervisor.close();
    const spec = await world.makeSpec();
    await world.host.ensureService(spec, call());
    const other = Bun.spawn([process.execPath, Bun.fileURLToPath(import.meta.resolve("./supervise.ts"))], {
      env: { DATABASE_URL: world.appUrl, DATA_DIR: world.dataDirectory },
    });
    await world.host.deploy(spec, call());
    const { pid } = (await world.row(spec.departmentId))!;
    expect(await isAlive(pid!)).toBe(true);
    other.kill("SIGKILL");
    await other.exited;
    while (await isAlive(pid!)) await Bun.sleep(5);
    supervisor = world.startSupervisor();
    const row = await world.untilRow(
      spec.departmentId,
      (found) => found.running_version === 1 && found.pid !== pid,
    );
    expect(await isAlive(row.pid!)).toBe(true);
  },
);

async function processesOf(departmentId: string): Promise<string[]> {
  if (process.platform !== "linux") return [];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")),
  );
  return pids.filter((_, index) => environments[index]!.includes(`DEPARTMENT_ID=${departmentId}`));
}
