// A worker killed between two calls to a real engine; run by `npm run test:docker`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { submitDeprovision, submitProvision } from "../crash/department.ts";
import { until } from "../helpers/installation.ts";
import { type KillingProxy, startKillingProxy } from "../helpers/killing-proxy.ts";
import { killWorkers } from "../workflows/kill-at-call.ts";
import { startSwarmWorld, type SwarmWorld } from "./swarm-world.ts";

let world: SwarmWorld;
let proxy: KillingProxy;
let workers: Awaited<ReturnType<typeof killWorkers>>;
beforeAll(async () => {
  // Reads change nothing: every effect stands between two of them.
  proxy = await startKillingProxy(process.env["DOCKER_HOST"] ?? "", (path) => !path.startsWith("/_ping"));
  world = await startSwarmWorld({ workers: 0, environment: { DOCKER_HOST: proxy.url } });
  workers = await killWorkers(world.at, proxy);
}, 600_000);
afterAll(async () => {
  await world.close();
  await proxy.close();
});

const ended = (run: string) =>
  until(
    "the run ends",
    async () => {
      const [row] = await world.at.sql`select status from federation.run where id = ${run}`;
      const status = String(row?.["status"]);
      return ["succeeded", "failed", "rolled_back"].includes(status) && status;
    },
    240,
  );

for (const [nth, when] of [
  [2, "after"],
  [4, "before"],
  [6, "after"],
  [9, "after"],
  [12, "before"],
  [14, "after"],
] as const) {
  test(`a worker killed at call ${nth}, ${when} the engine has answered, and one while it is removed: one of everything, then nothing`, async () => {
    const run = await workers.killAt({ nth, when }, () => submitProvision(world.at));
    expect(await ended(run.id)).toBe("succeeded");
    const things = await world.thingsOf(run);
    const kinds = things.map((thing) => thing.split(" ")[0]).filter((kind) => kind !== "container");
    expect(kinds.toSorted()).toEqual(["network", "secret", "service"]);
    expect(await world.containersOf(run)).toHaveLength(1);
    const end = await workers.killAt({ nth: Math.min(nth, 8), when }, () =>
      submitDeprovision(world.at, run.slug),
    );
    expect(await ended(end.id)).toBe("succeeded");
    await until("nothing is left", async () => (await world.thingsOf(run)).length === 0);
  }, 400_000);
}
