import { afterAll, beforeAll, expect, test } from "bun:test";
import { FederationError, WaitError } from "../../src/errors.ts";
import { advanceRuns } from "../../src/provisioning/advance.ts";
import { claimRuns } from "../../src/provisioning/claim.ts";
import { done, skip, wait } from "../../src/provisioning/graph.ts";
import { type EngineWorld, engineWorld, planOf } from "./engine-world.ts";

let world: EngineWorld;
beforeAll(async () => {
  world = await engineWorld();
});
afterAll(() => world.close());

const broken = (retryable: boolean) => new FederationError("broken", "It is broken.", { retryable });
const kinds = ["provision", "deprovision", "upgrade", "move", "restore"] as const;

test("ready steps run at the same time, and a step begins after all it needs", async () => {
  const plan = planOf({ first: [], left: ["first"], right: ["first"], last: ["left", "right"] });
  const order: string[] = [];
  const both = Promise.withResolvers<void>();
  let inside = 0;
  const side = (name: string) => ({
    run: async () => {
      inside += 1;
      if (inside === 2) both.resolve();
      await both.promise;
      order.push(name);
      return done({ name });
    },
  });
  const step = (name: string) => ({ run: () => Promise.resolve((order.push(name), done({ name }))) });
  const engine = world.start(plan, {
    first: step("first"),
    left: side("left"),
    right: side("right"),
    last: step("last"),
  });
  const run = await world.submit(plan);
  const end = await world.until(run, "succeeded");
  expect(order[0]).toBe("first");
  expect(order[3]).toBe("last");
  expect(Object.values(end.steps).map((one) => one.status)).toEqual(["done", "done", "done", "done"]);
  expect(end.epoch).toBe(1);
  expect(end.lease).toBeNull();
  const audit = await world.auditOf(run);
  expect(audit.actions.toSorted()).toEqual([
    "run.succeeded",
    "step.done",
    "step.done",
    "step.done",
    "step.done",
  ]);
  expect(audit.verified).toBe(true);
  await engine.close();
});

test("a waiting step holds no worker and its run is taken up when its time has come", async () => {
  const plan = planOf({ waits: [] });
  let calls = 0;
  const engine = world.start(plan, {
    waits: { run: () => Promise.resolve(calls++ === 0 ? wait(0.3, "the moon") : done()) },
  });
  const run = await world.submit(plan);
  const waiting = await world.until(run, "waiting");
  expect(waiting.lease).toBeNull();
  const end = await world.until(run, "succeeded");
  expect(end.steps["waits"]?.attempt).toBe(2);
  await engine.close();
});

test("a step that is too early waits as often as it must, forward and back, without a failure counted", async () => {
  const plan = planOf({ early: [] });
  const early = (seconds: number) => new WaitError("in_line", "its turn", { seconds, inLine: true });
  let calls = 0;
  let undos = 0;
  const fails = (n: number) => (n > 8 ? Promise.resolve() : Promise.reject(early(0.01)));
  const bodies = {
    early: {
      failuresMax: 2,
      run: async () => {
        await fails(++calls);
        throw new FederationError("broken", "It is broken.");
      },
      undo: () => fails(++undos),
    },
  };
  const engine = world.start(plan, bodies, { holdSeconds: 0 });
  const run = await world.submit(plan);
  const end = await world.until(run, "rolled_back");
  expect(end.steps["early"]).toMatchObject({ status: "undone", attempt: 18 });
  const [step] = await world.sql`select queue_seconds, in_line from federation.step where run_id = ${run}`;
  expect(step).toMatchObject({ in_line: false });
  expect(step?.["queue_seconds"]).toBeCloseTo(0.16, 5);
  await engine.close();
});

test("a retryable failure is tried again with its attempts counted, a skipped step lets the others go on", async () => {
  const plan = planOf({ optional: [], flaky: ["optional"] });
  let calls = 0;
  const engine = world.start(plan, {
    optional: { run: () => Promise.resolve(skip("not configured")) },
    flaky: { run: () => (calls++ === 0 ? Promise.reject(broken(true)) : Promise.resolve(done())) },
  });
  const end = await world.until(await world.submit(plan), "succeeded");
  expect(end.steps["optional"]?.status).toBe("skipped");
  expect(end.steps["flaky"]).toEqual({ status: "done", attempt: 2, error_code: null });
  await engine.close();
});

test("a failed run is parked with its error, what others did stays, and it rolls back when its hold is over", async () => {
  const plan = planOf(
    { makes: [], fails: ["makes"] },
    { departmentStatus: { parked: "failed", rolledBack: "deprovisioned" } },
  );
  const undone: string[] = [];
  const engine = world.start(
    plan,
    {
      makes: { undo: () => Promise.resolve(void undone.push("makes")) },
      fails: {
        run: () => Promise.reject(broken(false)),
        undo: () => Promise.resolve(void undone.push("fails")),
      },
    },
    { holdSeconds: 1 },
  );
  const run = await world.submit(plan);
  const parked = await world.until(run, "failed");
  expect(parked).toMatchObject({ error_code: "broken", department: "failed", lease: null });
  expect(parked.steps["makes"]?.status).toBe("done");
  expect(undone).toEqual([]);
  const end = await world.until(run, "rolled_back");
  expect(undone).toEqual(["fails", "makes"]);
  expect(end).toMatchObject({ department: "deprovisioned", error_code: "broken" });
  await engine.close();
});

test("a step that ignores its deadline is left behind, and its fence refuses what it still wants", async () => {
  const plan = planOf({ slow: [] });
  const late = Promise.withResolvers<unknown>();
  let calls = 0;
  const engine = world.start(plan, {
    slow: {
      deadlineSeconds: 0.2,
      run: async (ctx) => {
        if (calls++ > 0) return done();
        await Bun.sleep(1500);
        late.resolve(
          await ctx.fence().then(
            () => "let in",
            (error: unknown) => error,
          ),
        );
        return done();
      },
    },
  });
  const run = await world.submit(plan);
  const end = await world.until(run, "succeeded");
  expect(end.steps["slow"]?.attempt).toBe(2);
  expect(await late.promise).toBeInstanceOf(Error);
  await engine.close();
});

test("many workers: a run is claimed by one of them only", async () => {
  const plan = planOf({ only: [] });
  const runs = await Promise.all(Array.from({ length: 30 }, () => world.submit(plan)));
  const claims = await Promise.all(
    Array.from({ length: 8 }, (_, worker) => claimRuns(world.sql, `worker-${worker}`, [...kinds], 30)),
  );
  const ids = claims.flat().map((claim) => claim.run.id);
  expect(ids.toSorted()).toEqual(runs.toSorted());
});

test("a write with an old epoch changes nothing, also in a batch with others", async () => {
  const plan = planOf({ only: [] });
  const [stale, live] = [await world.submit(plan), await world.submit(plan)];
  const claims = await claimRuns(world.sql, "old", [...kinds], 30);
  const mine = (id: string) => {
    const claim = claims.find((candidate) => candidate.run.id === id);
    if (!claim) throw new Error("not claimed");
    return claim.run;
  };
  await world.admin`update federation.run set epoch = epoch + 1, lease_owner = 'new' where id = ${stale}`;
  const before = await world.run(stale);
  const change = {
    name: "only",
    status: "running",
    attempt: 1,
    failures: 0,
    crashes: 0,
    wakeSeconds: null,
  } as const;
  const step = {
    ...change,
    waitsFor: null,
    queueSeconds: 0,
    output: null,
    errorCode: null,
    errorMessage: null,
  };
  const advance = (id: string) => ({
    run: mine(id),
    steps: [step],
    change: undefined,
    departmentStatus: undefined,
  });
  const [refused, stored] = await advanceRuns(world.sql, [advance(stale), advance(live)]);
  expect(refused).toBeUndefined();
  expect(stored?.stored).toEqual(new Set(["only"]));
  expect(await world.run(stale)).toEqual(before);
  expect((await world.auditOf(stale)).actions).toEqual([]);
});

test("a hundred runs at the same time all end, each with its own verified trail", async () => {
  const plan = planOf({ first: [], second: ["first"], third: ["second"] });
  const engine = world.start(plan, {}, { runsMax: 50 });
  const runs = await Promise.all(Array.from({ length: 100 }, () => world.submit(plan)));
  for (const run of runs) await world.until(run, "succeeded");
  for (const run of runs.slice(0, 10)) {
    const audit = await world.auditOf(run);
    expect(audit).toEqual({
      actions: ["step.done", "step.done", "step.done", "run.succeeded"],
      verified: true,
    });
  }
  await engine.close();
});

test("a worker that is closed hands its runs back, and another one goes on at once", async () => {
  const plan = planOf({ long: [], after: ["long"] });
  const begun = Promise.withResolvers<void>();
  const first = world.start(plan, {
    long: {
      run: async (ctx) => {
        begun.resolve();
        await new Promise((_, reject) =>
          ctx.signal.addEventListener("abort", () => reject(new Error("aborted"))),
        );
        return done();
      },
    },
  });
  const run = await world.submit(plan);
  await begun.promise;
  await first.close();
  expect((await world.run(run)).lease).toBeNull();
  const second = world.start(plan, {});
  const end = await world.until(run, "succeeded");
  expect(end.steps["long"]?.error_code).toBeNull();
  await second.close();
});

test("a cancel aborts what runs, takes back in reverse order what was begun, and never what was not", async () => {
  const plan = planOf(
    { makes: [], long: ["makes"], never: ["long"] },
    { departmentStatus: { rolledBack: "deprovisioned" } },
  );
  const undone: string[] = [];
  const undo = (name: string) => () => Promise.resolve(void undone.push(name));
  const begun = Promise.withResolvers<void>();
  let aborted = false;
  const engine = world.start(plan, {
    makes: { undo: undo("makes") },
    long: {
      undo: undo("long"),
      run: async (ctx) => {
        begun.resolve();
        await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
        aborted = true;
        throw new Error("aborted");
      },
    },
    never: { undo: undo("never") },
  });
  const run = await world.submit(plan);
  await begun.promise;
  await world.sql`update federation.run set cancel_requested_at = clock_timestamp() where id = ${run}`;
  const end = await world.until(run, "cancelled");
  expect(aborted).toBe(true);
  expect(undone).toEqual(["long", "makes"]);
  expect(end.steps["never"]?.status).toBe("pending");
  expect(end.department).toBe("deprovisioned");
  await engine.close();
});

test("an undo that fails for good leaves the run failed, and the others are taken back all the same", async () => {
  const plan = planOf({ makes: [], stuck: ["makes"] });
  const undone: string[] = [];
  const engine = world.start(
    plan,
    {
      makes: { undo: () => Promise.resolve(void undone.push("makes")) },
      stuck: { run: () => Promise.reject(broken(false)), undo: () => Promise.reject(broken(false)) },
    },
    { holdSeconds: 0 },
  );
  const end = await world.until(await world.submit(plan), "failed");
  expect(end.error_code).toBe("rollback_incomplete");
  expect(undone).toEqual(["makes"]);
  expect(end.steps["stuck"]).toMatchObject({ status: "undoing", error_code: "broken" });
  await engine.close();
});
