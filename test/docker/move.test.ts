// A department that moves from this machine to a real swarm and back; run by `npm run test:docker`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { provision, readRun, type TestRun } from "../crash/department.ts";
import { expectAlwaysReady, whileCalled } from "../crash/move-load.ts";
import { submitMove } from "../crash/move.ts";
import { until } from "../helpers/installation.ts";
import { startSwarmWorld, type SwarmWorld } from "./swarm-world.ts";

let world: SwarmWorld;
beforeAll(
  async () => void (world = await startSwarmWorld({ workers: 2, environment: { HOSTS: "local,docker" } })),
  600_000,
);
afterAll(() => world.close());

/** Containers apart, of which a slow machine also has one that did not become well in time. */
async function kindsOf(run: TestRun): Promise<string[]> {
  const kinds = (await world.thingsOf(run)).map((thing) => thing.split(" ")[0] ?? "");
  return kinds.filter((kind) => kind !== "container").toSorted();
}

/** Not by their processes: those of containers are processes of this machine too. */
async function localAgents({ department }: TestRun): Promise<number> {
  const rows = await world.at.sql`select from federation.local_agent where department_id = ${department}`;
  return rows.count;
}

async function move(run: TestRun, to: "local" | "docker") {
  const { id } = await submitMove(world.at, run.slug, to);
  await until("the move is over", async () => (await readRun(world.at, id)).over, 240);
  expect((await readRun(world.at, id)).status).toBe("succeeded");
}

test("a department moves from this machine to a swarm and back, its agent answers throughout, and nothing is left behind", async () => {
  const run = await provision(world.at);
  const seen = await whileCalled(world.at, run, world.relay.agentsUrl, async (more) => {
    await more();
    await move(run, "docker");
    expect([await kindsOf(run), (await world.containersOf(run)).length]).toEqual([
      ["network", "secret", "service"],
      1,
    ]);
    expect(await localAgents(run)).toBe(0);
    expect(await world.callTool(run, "search_documents", { query: "x" })).toMatchObject({ status: 200 });
    await more();
    await move(run, "local");
    await until("nothing is left on the swarm", async () => (await world.thingsOf(run)).length === 0);
    expect(await localAgents(run)).toBe(1);
    await more();
  });
  expectAlwaysReady(seen);
}, 600_000);
