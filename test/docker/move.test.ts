// A department that moves from this machine to a real swarm and back; run by `npm run test:docker`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { provision, readRun, type TestRun } from "../crash/department.ts";
import { callAllTheTime } from "../crash/move-load.ts";
import { submitMove } from "../crash/move.ts";
import { agentPids } from "../crash/processes.ts";
import { until } from "../helpers/installation.ts";
import { startSwarmWorld, type SwarmWorld } from "./swarm-world.ts";

let world: SwarmWorld;
beforeAll(
  async () => void (world = await startSwarmWorld({ workers: 2, environment: { HOSTS: "local,docker" } })),
  600_000,
);
afterAll(() => world.close());

const kindsOf = async (run: TestRun) =>
  (await world.thingsOf(run)).map((thing) => thing.split(" ")[0]).toSorted();

async function move(run: TestRun, to: "local" | "docker") {
  const { id } = await submitMove(world.at, run.slug, to);
  await until("the move is over", async () => (await readRun(world.at, id)).over, 240);
  expect((await readRun(world.at, id)).status).toBe("succeeded");
}

test("a department moves from this machine to a swarm and back, its agent answers throughout, and nothing is left behind", async () => {
  const run = await provision(world.at);
  const load = callAllTheTime(world.at, run, world.relay.agentsUrl);
  await load.more();
  await move(run, "docker");
  expect(await kindsOf(run)).toEqual(["container", "network", "secret", "service"]);
  expect(agentPids(run.department) ?? []).toEqual([]);
  expect(await world.callTool(run, "search_documents", { query: "x" })).toMatchObject({ status: 200 });
  await load.more();
  await move(run, "local");
  await until("nothing is left on the swarm", async () => (await kindsOf(run)).length === 0);
  expect(agentPids(run.department) ?? [1]).toHaveLength(1);
  await load.more();
  const { health, agent, hosts } = await load.stop();
  expect([...hosts].toSorted()).toEqual(["docker", "local"]);
  expect([...new Set(health)]).toEqual(["ready"]);
  expect([...new Set(agent)]).toEqual(["ready"]);
}, 600_000);
