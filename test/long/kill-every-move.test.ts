import { expect, test } from "bun:test";
import { movePlan } from "../../src/provisioning/plans.ts";
import { provision, untilRun } from "../crash/department.ts";
import { killAt } from "../crash/kill-at.ts";
import {
  ends,
  expectOnlyAt,
  type HostName,
  type MoveWorld,
  startMoveWorld,
  submitMove,
  whileHeldAt,
} from "../crash/move.ts";
import { type KillingProxy, startKillingProxy } from "../helpers/killing-proxy.ts";
import { killWorkers } from "../workflows/kill-at-call.ts";

const testMs = 590_000;
const names = movePlan.steps.map(({ name }) => name);
const events = ["begun", "settled", "stored"];
const points = names.flatMap((name) => events.map((event) => `${name}.${event}`));
const undone = points.filter((point) => !point.startsWith("remove-old-agent"));

test.concurrent(
  "worker killed at every boundary of moves there and back: another one resumes within 5 s, and each ends in one place",
  () =>
    inWorld({}, async (world) => {
      const department = await provision(world.at);
      let there: HostName = "docker";
      for (const point of points) {
        const { run } = await killAt(world.at, point, () => submitMove(world.at, department.slug, there));
        expect([point, (await untilRun(world.at, run.id, ...ends)).status]).toEqual([point, "succeeded"]);
        await expectOnlyAt(world, department, there);
        there = there === "docker" ? "local" : "docker";
      }
    }),
  testMs,
);

test.concurrent(
  "worker killed at every boundary of a move that is taken back behind its switch: it lives where it did",
  () =>
    inWorld({}, async (world) => {
      const department = await provision(world.at);
      const start = () => submitMove(world.at, department.slug, "docker");
      for (const point of undone) {
        world.at.arm(`undo.${point}`, "SIGKILL");
        const { run } = await whileHeldAt(world, "switch-host.settled", start, ({ id }) =>
          world.at.client.send("POST", `/runs/${id}/cancel`, {}),
        );
        await world.at.fired(`undo.${point}`);
        await world.at.startWorker();
        expect([point, (await untilRun(world.at, run.id, ...ends)).status]).toEqual([point, "cancelled"]);
        await expectOnlyAt(world, department, "local");
      }
    }),
  testMs,
);

test.concurrent(
  "worker killed behind the answer of every call that changes something at the engine, there and back: each move ends in one place",
  async () => {
    let proxy: KillingProxy | undefined;
    const dockerHost = async (engineHost: string) => {
      // What is killed between two reads is killed behind the effect before them.
      proxy = await startKillingProxy(engineHost, (_, method) => method !== "GET");
      return proxy.url;
    };
    try {
      await inWorld({ workers: 0, dockerHost }, async (world) => {
        if (!proxy) throw new Error("there is no proxy");
        expect(await killAtEach(world, proxy)).toBeGreaterThan(6);
      });
    } finally {
      await proxy?.close();
    }
  },
  testMs,
);

/** Moves a department until no call is left that was not some worker's last. Answers how many there were. */
async function killAtEach(world: MoveWorld, proxy: KillingProxy) {
  const workers = await killWorkers(world.at, proxy);
  const department = await provision(world.at);
  let kills = 0;
  for (let nth = 1, before = -1; kills > before; nth++) {
    before = kills;
    for (const host of ["docker", "local"] as const) {
      const start = () => submitMove(world.at, department.slug, host);
      const { run, wasKilled } = await workers.tryKillAt({ nth, when: "after" }, start);
      expect([nth, (await untilRun(world.at, run.id, ...ends)).status]).toEqual([nth, "succeeded"]);
      await expectOnlyAt(world, department, host);
      kills += Number(wasKilled);
    }
  }
  return kills;
}

let starting: Promise<unknown> = Promise.resolve();

/** One starts after the other: together they are more than two cores bear. */
async function inWorld(
  options: Parameters<typeof startMoveWorld>[0],
  fn: (world: MoveWorld) => Promise<void>,
): Promise<void> {
  const mine = starting.then(() => startMoveWorld(options));
  starting = mine.catch(() => {});
  const world = await mine;
  try {
    await fn(world);
  } finally {
    await world.close();
  }
}
