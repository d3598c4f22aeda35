import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Secret } from "../../../src/crypto/secret.ts";
import { WaitError } from "../../../src/errors.ts";
import { limitsOf } from "../../../src/providers/railway/call-limits.ts";
import type { RailwayPace } from "../../../src/providers/railway/pace.ts";
import type { RailwayCall, RailwayClient } from "../../../src/providers/railway/railway.ts";
import { callOf, errorOf, fastPace, type RailwayWorld, railwayWorld } from "./railway-world.ts";

/** Does it again as often as it is told to wait. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof WaitError)) throw error;
      await Bun.sleep(error.wait.seconds * 1000);
    }
  }
}

async function withWorld(
  options: Parameters<typeof railwayWorld>[0],
  use: (world: RailwayWorld) => Promise<void>,
) {
  const world = await railwayWorld(options);
  try {
    await use(world);
  } finally {
    await world.close();
  }
}

/** A client of each, with the one token. */
const workers = (world: RailwayWorld, pace: RailwayPace) =>
  [world.connect({ pace }), world.connect({ pace, budgets: world.otherBudgets })] as const;

const projectOf = (workspaceId: string, name: string) => ({
  workspaceId,
  name,
  description: "",
  environmentName: "production",
});

let world: RailwayWorld;
beforeAll(async () => {
  world = await railwayWorld();
});
afterAll(() => world.close());

describe("what is too much for Railway", () => {
  const list = (client: RailwayClient, call: RailwayCall) => client.listProjects(world.workspaceId, call);
  const failNext = (operation: string) =>
    world.fake.controls.failNext(operation, { kind: "429", happened: false });
  const unblock = () => world.sql`update federation.call_budget set blocked_until = null`;

  test("a 429 holds both of two workers back, as long as Railway says, and neither fails for it", async () => {
    const pace = fastPace({ waitInPlaceSeconds: 0 });
    const [one, other] = workers(world, pace);
    failNext("projects");
    const first = await errorOf(list(one, callOf("one")));
    expect(first).toBeInstanceOf(WaitError);
    expect(first).toMatchObject({ code: "railway_in_line", wait: { inLine: true } });
    const asked = world.fake.controls.counts.requests["projects"];
    const second = await errorOf(list(other, callOf("other")));
    expect(second).toBeInstanceOf(WaitError);
    expect(second.message).toContain("it goes on by itself");
    expect(world.fake.controls.counts.requests["projects"]).toBe(asked);
    expect(await patiently(() => list(other, callOf("other")))).toEqual([]);
  });

  test("a short wait is waited out in place", async () => {
    await unblock();
    failNext("projects");
    expect(await list(world.connect(), callOf())).toEqual([]);
  });

  test("a 429 to a change is no doubt about it: it is made once", async () => {
    await unblock();
    failNext("projectCreate");
    const client = world.connect();
    const wanted = projectOf(world.workspaceId, "after-429");
    await patiently(() => client.createProject(wanted, callOf()));
    expect(world.fake.controls.projects().map(({ name }) => name)).toEqual(["after-429"]);
  });

  test.each([
    ["a span in seconds", () => "3"],
    ["a date", () => new Date(Date.now() + 3000).toUTCString()],
  ])("Retry-After may be %s", async (_, retryAfter) => {
    await unblock();
    const send = () =>
      Promise.resolve(new Response("", { status: 429, headers: { "retry-after": retryAfter() } }));
    const pace = fastPace({ waitInPlaceSeconds: 1 });
    const error = await errorOf(list(world.connect({ send, pace }), callOf()));
    expect(error).toBeInstanceOf(WaitError);
    const { seconds } = (error as WaitError).wait;
    expect(seconds).toBeGreaterThan(1);
    expect(seconds).toBeLessThanOrEqual(3);
    await unblock();
  });

  test("without Retry-After the hour's reset is waited for", async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 30);
    const send = () =>
      Promise.resolve(new Response("", { status: 429, headers: { "x-ratelimit-reset": reset } }));
    const error = await errorOf(list(world.connect({ send, pace: fastPace() }), callOf()));
    expect((error as WaitError).wait.seconds).toBeGreaterThan(25);
    await unblock();
  });
});

describe("what others use of the same token counts:", () => {
  const headers = (limit: number) => ({
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": "30",
    "x-ratelimit-reset": String(Math.round(Date.now() / 1000) + 10),
  });
  const tokensAfter = async (limit: number) => {
    let tokens = 0;
    await withWorld({}, async (world) => {
      const body = { data: { apiToken: { workspaces: [{ id: "w", name: "w" }] } } };
      const send = () => Promise.resolve(Response.json(body, { headers: headers(limit) }));
      const pace = fastPace({ hourSeconds: 3600, callsPerHour: 1000 });
      await world.connect({ send, pace }).listWorkspaces(callOf());
      const [row] = await world.sql`select tokens from federation.call_budget where name like '%:hour'`;
      tokens = row?.["tokens"];
    });
    return tokens;
  };

  test("in the last tenth of the hour no more is left than Railway says", async () => {
    const tokens = await tokensAfter(1000);
    expect(tokens).toBeLessThan(30);
    expect(tokens).toBeGreaterThan(29);
  });

  test("before that, or where it is no hour's limit, it is ours to count", async () => {
    expect(await tokensAfter(300)).toBeGreaterThan(700);
    expect(await tokensAfter(50)).toBeGreaterThan(700);
  });
});

describe("two workers with one token are never told that it is too much,", () => {
  async function hammer(world: RailwayWorld, pace: RailwayPace, calls: number, each: number) {
    const clients = workers(world, pace);
    let left = calls;
    const work = async (client: RailwayClient, holder: string) => {
      while (left-- > 0) await patiently(() => client.listProjects(world.workspaceId, callOf(holder)));
    };
    await Promise.all(
      clients.flatMap((client, n) => Array.from({ length: each }, (_, m) => work(client, `${n} ${m}`))),
    );
    const { requests, throttled } = world.fake.controls.counts;
    expect(requests["projects"]).toBe(calls);
    expect(Object.values(throttled).filter((count) => count > 0)).toEqual([]);
  }

  test("in no second", async () => {
    const plan = { perSecond: 20, perHour: 10_000 };
    const pace = fastPace({ callsPerSecond: 20, secondSeconds: 1, hourSeconds: 3600 });
    await withWorld({ scale: 1, plan }, (world) => hammer(world, pace, 40, 4));
  });

  test("in no hour", async () => {
    const plan = { perSecond: 1e9, perHour: 100 };
    const pace = fastPace({ callsPerHour: 100, hourSeconds: 1, callsPerSecond: 1e6 });
    await withWorld({ scale: 3600, plan }, (world) => hammer(world, pace, 130, 1));
  });

  test.each([
    ["hour", (pace: RailwayPace) => [pace.callsPerHour, pace.hourSeconds] as const],
    ["second", (pace: RailwayPace) => [pace.callsPerSecond, pace.secondSeconds] as const],
  ] as const)("because no %s has more than its limit, wherever it begins", (name, of) => {
    for (const callsPerSecond of [2, 10, 50, 500])
      for (const callsPerHour of [100, 1000, 10_000]) {
        const pace = fastPace({ callsPerSecond, callsPerHour });
        const { capacity, perSecond } = limitsOf(new Secret("token"), pace)[name];
        const [limit, seconds] = of(pace);
        expect(capacity + perSecond * seconds).toBeLessThan(limit);
        expect(capacity).toBeGreaterThanOrEqual(1);
        expect(perSecond).toBeGreaterThan(0);
      }
  });
});

describe("one project per 30 s and workspace:", () => {
  test("a project of somebody else in between costs a wait and no failure", async () => {
    await withWorld({}, async (world) => {
      const { workspaceId, fake } = world;
      const stranger = world.connect({ budgets: { ...world.budgets, take: () => Promise.resolve(0) } });
      await stranger.createProject(projectOf(workspaceId, "foreign"), callOf("stranger"));
      await world.sql`delete from federation.call_budget`;
      const client = world.connect({ pace: fastPace({ waitInPlaceSeconds: 0.01 }) });
      const create = () => client.createProject(projectOf(workspaceId, "ours"), callOf());
      const error = await errorOf(create());
      expect(error).toBeInstanceOf(WaitError);
      expect(error.message).toContain("in a workspace");
      expect(fake.controls.counts.throttled.projectCreate).toBe(1);
      expect((await patiently(create)).name).toBe("ours");
    });
  });

  test("a line of departments of two workers is never told to slow down, and all get theirs in the order of asking", async () => {
    await withWorld({ scale: 25 }, async (world) => {
      const clients = workers(world, fastPace({ waitInPlaceSeconds: 0.01, createEverySeconds: 30 / 25 }));
      const create = (name: string, n: number) =>
        clients[n % 2 === 0 ? 0 : 1].createProject(projectOf(world.workspaceId, name), callOf(name));
      const [first, ...names] = ["a", "b", "c", "d", "e", "f"] as const;
      await create(first, 0);
      for (const [n, name] of names.entries())
        expect(await errorOf(create(name, n))).toBeInstanceOf(WaitError);
      await Promise.all(names.map((name, n) => patiently(() => create(name, n))));
      const { projects, counts } = world.fake.controls;
      expect(projects().map(({ name }) => name)).toEqual(["a", "b", "c", "d", "e", "f"]);
      expect(counts.throttled.projectCreate).toBe(0);
    });
  });

  test("two workspaces have a line each", async () => {
    await withWorld({ workspaces: [{ name: "one" }, { name: "two" }] }, async (world) => {
      const pace = fastPace({ waitInPlaceSeconds: 0.01, createEverySeconds: 30 });
      const client = world.connect({ pace });
      for (const { id } of world.fake.controls.workspaces)
        await client.createProject(projectOf(id, "first"), callOf());
      const [first] = world.fake.controls.workspaces;
      const error = await errorOf(client.createProject(projectOf(first!.id, "second"), callOf("other")));
      expect((error as WaitError).wait.seconds).toBeGreaterThan(20);
    });
  });
});
