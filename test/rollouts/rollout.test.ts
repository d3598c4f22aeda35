import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { advanceRollout } from "../../src/rollouts/advance-rollout.ts";
import { until } from "../helpers/installation.ts";
import type { TestDepartment } from "../http/edge.ts";
import { type RolloutsWorld, rolloutsWorld } from "./world.ts";

let world: RolloutsWorld;
let departments: TestDepartment[];
let release: string;
let made = 0;
beforeAll(async () => {
  world = await rolloutsWorld();
  departments = await world.addDepartments(4);
}, 60_000);
afterAll(() => world.close());
afterEach(async () => {
  world.memory.mend();
  await world.sql`delete from federation.rollout`;
  await world.sql`delete from federation.run`;
  await world.sql`delete from federation.department_health`;
  await world.sql`update federation.department set release = ${world.before}, status = 'active', locked_at = null,
    locked_by = null, lock_reason = null`;
  for (const { id } of departments) world.memory.running.set(id, world.before);
});

const newRelease = () => world.addRelease((release = `r${++made}`));
const idOf = (at: number) => departments[at]?.id ?? "";
const slugs = (from: number, to: number) => departments.slice(from, to).map(({ slug }) => slug);
const releasesOf = async () => {
  const rows = await world.sql<{ release: string }[]>`
    select release from federation.department order by created_at, id`;
  return rows.map((row) => row.release);
};
async function withEngine<T>(work: () => Promise<T>): Promise<T> {
  const engine = world.startEngine();
  try {
    return await work();
  } finally {
    await engine.close();
  }
}

test("of two rollouts begun at once one runs", async () => {
  await newRelease();
  const starts = await Promise.all(
    Array.from({ length: 2 }, () => world.call("POST", "/rollouts", { release })),
  );
  expect(starts.map(({ status }) => status).toSorted()).toEqual([202, 409]);
  expect(starts.find(({ status }) => status === 409)?.json.code).toBe("rollout_running");
});

test("of many workers that step at once one does, and no department gets two runs", async () => {
  await newRelease();
  await world.start(release, { batch_size: 4 });
  const { db, queue, config, tracer } = world.edge.deps;
  const means = { sql: db.app, queue, config, tracer };
  const steps = await Promise.all(Array.from({ length: 6 }, () => advanceRollout(means)));
  expect(steps.filter(Boolean)).toHaveLength(1);
  const runs = await world.sql`select department_id, count(*)::int as n from federation.run group by 1`;
  expect(runs.map(({ n }) => n)).toEqual([1, 1, 1, 1]);
});

test("a step whose worker is lost before it committed has done nothing, and the next one does it", async () => {
  await newRelease();
  const id = await world.start(release, { batch_size: 4 });
  const { app } = world.edge.deps.db;
  const queue = {
    send: () => Promise.reject(new Error("the worker is lost")),
    retry: () => Promise.reject(new Error("the worker is lost")),
    close: () => Promise.resolve(),
  };
  const { config, tracer } = world.edge.deps;
  const lost = advanceRollout({ sql: app, queue, config, tracer });
  await lost.then(
    () => expect.unreachable(),
    () => {},
  );
  expect(await world.sql`select from federation.run`).toHaveLength(0);
  expect(await world.show(id)).toMatchObject({ batch: 0, departments: { pending: 4 } });
  expect(await withEngine(() => world.carryOn(id, "succeeded"))).toMatchObject({ departments: { done: 4 } });
});

test("a paused rollout lets its upgrades end and begins none; resumed, it goes on where it was", async () => {
  await newRelease();
  const id = await world.start(release, { batch_size: 2 });
  await world.step();
  await world.call("POST", `/rollouts/${id}/pause`, {});
  await withEngine(async () => {
    await until("its upgrades ended", async () => {
      await world.step();
      return (await world.show(id)).departments.done === 2;
    });
    for (let more = 0; more < 3; more++) await world.step();
    expect(await world.show(id)).toMatchObject({ status: "paused", batch: 1, departments: { pending: 2 } });
    expect(await releasesOf()).toEqual([`agent:${release}`, `agent:${release}`, world.before, world.before]);
    await world.call("POST", `/rollouts/${id}/resume`, {});
    expect(await world.carryOn(id, "succeeded")).toMatchObject({ departments: { done: 4 } });
  });
});

test("who ended well and is not well at the gate goes back, and the next batch does not begin", async () => {
  await newRelease();
  const id = await world.start(release, { batch_size: 2, gate_seconds: 3600 });
  await withEngine(async () => {
    await until("the gate is set", async () => {
      await world.step();
      const [row] =
        await world.sql`select gate_until is not null as set from federation.rollout where id = ${id}`;
      return row?.["set"] === true;
    });
    await world.setHealth(idOf(0), "healthy");
    await world.setHealth(idOf(1), "unhealthy");
    await world.step();
    expect(await world.show(id)).toMatchObject({ status: "running", departments: { done: 2, pending: 2 } });
    await world.sql`update federation.rollout set gate_until = clock_timestamp()`;
    const ended = await world.carryOn(id, "stopped");
    expect(ended.departments).toMatchObject({ done: 1, rolled_back: 1, pending: 2 });
    expect(ended.reason).toContain(`${slugs(1, 2)[0]}: health: unhealthy after the upgrade`);
    expect(await releasesOf()).toEqual([`agent:${release}`, world.before, world.before, world.before]);
  });
});

test("within the failures that may be it goes on; with rollback all one too many takes everything back", async () => {
  await newRelease();
  world.memory.break(idOf(1), `agent:${release}`);
  await withEngine(async () => {
    const id = await world.start(release, { batch_size: 2, failures_max: 1 });
    expect(await world.carryOn(id, "succeeded", "stopped")).toMatchObject({
      status: "succeeded",
      departments: { done: 3, rolled_back: 1 },
    });
    const from = release;
    await newRelease();
    world.memory.break(idOf(2), `agent:${release}`);
    const second = await world.start(release, { batch_size: 2, rollback: "all" });
    const ended = await world.carryOn(second, "rolled_back", "stopped");
    expect(ended).toMatchObject({ status: "rolled_back", departments: { rolled_back: 4 } });
    expect(ended.reason).toContain("agent_unhealthy");
    expect(await releasesOf()).toEqual([`agent:${from}`, world.before, `agent:${from}`, `agent:${from}`]);
  });
});

test("what is locked is left out with the reason, and what has another run only until it hinders nobody but itself", async () => {
  await newRelease();
  await world.sql`update federation.department set status = 'suspended', locked_at = now(), locked_by = 'test',
    lock_reason = 'test' where id = ${idOf(0)}`;
  await world.sql`
    insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, error_code)
    values (${Bun.randomUUIDv7()}, ${idOf(1)}, 'move', 'failed', '', '', '', 'parked')`;
  await withEngine(async () => {
    const id = await world.start(release, { batch_size: 4 });
    await until("the others ended", async () => {
      await world.step();
      return (await world.show(id)).departments.done === 2;
    });
    await world.step();
    expect(await world.show(id)).toMatchObject({
      status: "running",
      departments: { pending: 1, skipped: 1 },
    });
    await world.sql`update federation.rollout set batch_at = batch_at - interval '61 s'`;
    const ended = await world.carryOn(id, "succeeded");
    const errors = ended.items.slice(0, 2).map((item: { error: string | null }) => item.error);
    expect(errors).toEqual(["it is locked", "another run of it is not finished"]);
  });
});

test("a running rollout that is rolled back takes back what is done and what is under way, and begins nothing more", async () => {
  await newRelease();
  const id = await world.start(release, { batch_size: 2 });
  await world.step();
  expect((await world.call("POST", `/rollouts/${id}/rollback`, {})).json.status).toBe("rolling_back");
  expect((await world.call("POST", `/rollouts/${id}/resume`, {})).json.code).toBe("not_paused");
  await withEngine(async () => {
    const ended = await world.carryOn(id, "rolled_back");
    expect(ended.departments).toMatchObject({ rolled_back: 2, skipped: 2 });
    expect(new Set(await releasesOf())).toEqual(new Set([world.before]));
  });
  expect((await world.call("POST", `/rollouts/${id}/rollback`, {})).json.code).toBe("rolled_back");
});

test("a department whose schema was left behind is brought along before its agent, and one that cannot be is put back", async () => {
  await newRelease();
  await world.sql`update federation.department set schema_state = 'migrating' where id = ${idOf(0)}`;
  await world.sql`update federation.schema_ledger set checksum = 'another' where department_id = ${idOf(1)} and version = 1`;
  await withEngine(async () => {
    const id = await world.start(release, { batch_size: 2 });
    const ended = await world.carryOn(id, "stopped", "succeeded");
    expect(ended.departments).toMatchObject({ done: 1, rolled_back: 1, pending: 2 });
    expect(ended.reason).toContain("schema_failed");
  });
  const rows =
    await world.sql`select schema_state from federation.department order by created_at, id limit 2`;
  expect(rows.map(({ schema_state }) => schema_state)).toEqual(["current", "failed"]);
  await world.sql`
    update federation.schema_ledger l set checksum = o.checksum from federation.schema_ledger o
    where l.department_id = ${idOf(1)} and l.version = 1 and o.department_id = ${idOf(0)} and o.version = 1`;
  await world.sql`update federation.department set schema_state = 'current', schema_error = null`;
});

test("a rollout of some reaches only them, and one that a later one followed is not rolled back", async () => {
  await newRelease();
  await withEngine(async () => {
    const first = await world.start(release, { departments: slugs(3, 4) });
    await world.carryOn(first, "succeeded");
    expect((await releasesOf()).filter((found) => found !== world.before)).toEqual([`agent:${release}`]);
    const second = await world.start(release, { departments: slugs(0, 1) });
    await world.carryOn(second, "succeeded");
    expect((await world.call("POST", `/rollouts/${first}/rollback`, {})).json.code).toBe(
      "rollout_superseded",
    );
  });
  const unknown = await world.call("POST", "/rollouts", { release, departments: ["nobody"] });
  expect(unknown.status).toBe(404);
});

test("a worker's loop carries a rollout to its end by itself", async () => {
  await newRelease();
  const id = await world.start(release, { departments: slugs(0, 1) });
  const loop = world.startLoop();
  try {
    await withEngine(() => until("it succeeded", async () => (await world.show(id)).status === "succeeded"));
  } finally {
    await loop.close();
  }
});

test("every decision about a rollout is on record", async () => {
  await newRelease();
  const id = await world.start(release);
  await world.call("POST", `/rollouts/${id}/pause`, {});
  await world.call("POST", `/rollouts/${id}/resume`, {});
  await world.call("POST", `/rollouts/${id}/rollback`, {});
  await world.carryOn(id, "rolled_back");
  const rows = await world.sql`select action, actor_kind from audit.event where target = ${id} order by seq`;
  expect(rows.map(({ action, actor_kind }) => `${action} ${actor_kind}`)).toEqual([
    "rollout.start member",
    "rollout.pause member",
    "rollout.resume member",
    "rollout.roll_back member",
    "rollout.end system",
  ]);
});

test("a release that was made of other templates or another schema than are here is refused", async () => {
  await newRelease();
  await world.sql`update federation.release set schema_version = schema_version + 1 where name = ${release}`;
  expect((await world.call("POST", "/rollouts", { release })).json.code).toBe("templates_differ");
});
