import { afterEach, expect, test } from "bun:test";
import { type FakeRailwayOptions } from "../../fakes/railway/settings.ts";
import { type FakeRailway, startFakeRailway } from "../../fakes/railway/start-fake-railway.ts";
import { askerOf, makerOf, messageOf } from "./ask.ts";

let fake: FakeRailway;
afterEach(() => fake.close());

/** Railway's second is a day, unless said otherwise: its time passes only as a test says. */
async function start(options: FakeRailwayOptions = {}) {
  fake = await startFakeRailway({ lagSeconds: [0, 0], scale: 1 / 86_400, ...options });
  return askerOf(fake);
}

const question = "{ apiToken { workspaces { id } } }";
const create = (name: string) => `mutation { projectCreate(input: { name: "${name}" }) { id } }`;

test("the budget of an hour is told in headers, refuses with 429 and begins anew", async () => {
  const ask = await start({ plan: { perHour: 2 } });
  const first = await ask(question);
  expect(first.headers.get("x-ratelimit-limit")).toBe("2");
  expect(first.headers.get("x-ratelimit-remaining")).toBe("1");
  expect(Number(first.headers.get("x-ratelimit-reset"))).toBeGreaterThan(Date.now() / 1000);
  expect(first.headers.get("retry-after")).toBeNull();
  await ask(question);
  const refused = await ask(question);
  expect([refused.status, refused.headers.get("x-ratelimit-remaining")]).toEqual([429, "0"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  fake.controls.advance(3600);
  expect((await ask(question)).status).toBe(200);
  expect(fake.controls.counts.throttled.hour).toBe(1);
});

test("the budget of a second refuses with 429, and what it refuses costs nothing of the hour", async () => {
  const ask = await start({ plan: { perSecond: 2 } });
  const answers = [await ask(question), await ask(question), await ask(question)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers[2]?.headers.get("x-ratelimit-remaining")).toBe("9998");
  fake.controls.advance(1);
  expect((await ask(question)).status).toBe(200);
  expect(fake.controls.counts.throttled.second).toBe(1);
});

test("tokens do not share their budgets", async () => {
  const ask = await start({ plan: { perHour: 1 } });
  const other = askerOf(fake, { authorization: `Bearer ${fake.controls.workspaces[0]?.token}` });
  expect([(await ask(question)).status, (await other(question)).status]).toEqual([200, 200]);
});

test("without a query string the edge lets ten requests of a second through, from whomever", async () => {
  const ask = await start();
  const bare = () => ask(question, {}, fake.url);
  const statuses: number[] = [];
  for (let nth = 0; nth < 10; nth += 1) statuses.push((await bare()).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const refused = await bare();
  expect([refused.status, refused.headers.get("retry-after") === null]).toEqual([429, false]);
  expect((await ask(question)).status).toBe(200);
  expect(fake.controls.counts.throttled.edge).toBe(1);
});

test("a workspace makes one project in 30 seconds, counted from the last that was made", async () => {
  const ask = await start({ workspaces: [{ name: "one" }, { name: "other" }] });
  expect(await messageOf(ask(create("a")))).toBeUndefined();
  fake.controls.advance(29);
  const refused = await messageOf(ask(create("b")));
  expect(refused).toContain("You are creating projects too quickly");
  expect(refused).toContain("1 project per 30 seconds");
  expect(fake.controls.projects().map(({ name }) => name)).toEqual(["a"]);
  const elsewhere = fake.controls.workspaces[1]?.id;
  expect(
    await messageOf(
      ask(`mutation { projectCreate(input: { name: "c", workspaceId: "${elsewhere}" }) { id } }`),
    ),
  ).toBeUndefined();
  fake.controls.advance(1);
  expect(await messageOf(ask(create("b")))).toBeUndefined();
  expect(fake.controls.counts.throttled.projectCreate).toBe(1);
});

test("environments and volumes are made one after another too", async () => {
  const ask = await start();
  const { id } = await makerOf(fake).project("p");
  const environment = (name: string) =>
    messageOf(ask(`mutation { environmentCreate(input: { projectId: "${id}", name: "${name}" }) { id } }`));
  const volume = () =>
    messageOf(ask(`mutation { volumeCreate(input: { projectId: "${id}", mountPath: "/data" }) { id } }`));
  expect(await environment("production")).toBe("environment with that name already exists");
  expect([await environment("a"), await volume()]).toEqual([undefined, undefined]);
  expect([await environment("b"), await volume()]).toEqual([
    "Only one environment can be created per user every 30s",
    "Whoa there pal! You are creating volumes too quickly. Try again in a sec",
  ]);
  fake.controls.advance(30);
  expect([await environment("b"), await volume()]).toEqual([undefined, undefined]);
});

test.each([true, false])(
  "a 504 that is planned: whether it happened was decided before (%p)",
  async (happened) => {
    const ask = await start();
    fake.controls.failNext("projectCreate", { kind: "504", happened });
    expect((await ask(question)).status).toBe(200);
    const { status, body } = await ask(create("p"));
    expect([status, body["text"]]).toEqual([504, "error code: 504"]);
    expect(fake.controls.projects()).toHaveLength(happened ? 1 : 0);
  },
);

test.each([true, false])(
  "an answer that is dropped, planned to have happened or not (%p)",
  async (happened) => {
    const ask = await start();
    fake.controls.failNext("projectCreate", { kind: "drop", happened });
    await expect(ask(create("p"))).rejects.toThrow();
    expect(fake.controls.projects()).toHaveLength(happened ? 1 : 0);
    expect((await ask(question)).status).toBe(200);
  },
);

test("planned errors and refusals come one each, in order, by root field or operation name", async () => {
  const ask = await start();
  fake.controls.failNext("apiToken", { kind: "error", happened: false, message: "Oh no" });
  fake.controls.failNext("Named", { kind: "429", happened: false });
  const named = `query Named ${question}`;
  expect((await ask(named)).errors?.[0]).toMatchObject({ message: "Oh no", path: ["apiToken"] });
  const refused = await ask(named);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  expect((await ask(named)).status).toBe(200);
});

test("the same seed spoils the same requests, and half of them have happened", async () => {
  const spoil = async (seed: number) => {
    const ask = await start({ faults: { rate504: 0.2, rateDropped: 0.2 }, seed });
    const outcomes: string[] = [];
    for (let nth = 0; nth < 60; nth += 1) {
      const before = fake.controls.projects().length;
      const status = await ask(create(`p${nth}`)).then(
        (answer) => String(answer.status),
        () => "none",
      );
      outcomes.push(`${status} ${fake.controls.projects().length - before}`);
      fake.controls.advance(30);
    }
    await fake.close();
    return outcomes;
  };
  const outcomes = await spoil(7);
  expect(new Set(outcomes)).toEqual(new Set(["200 1", "504 1", "504 0", "none 1", "none 0"]));
  expect(await spoil(7)).toEqual(outcomes);
  expect(await spoil(8)).not.toEqual(outcomes);
});

test("requests are counted by what they ask for", async () => {
  const ask = await start();
  await ask(create("p"));
  await ask(question);
  await ask(`{ a: apiToken { workspaces { id } } projects { edges { cursor } } }`);
  expect(fake.controls.counts.requests).toEqual({ projectCreate: 1, apiToken: 2, projects: 1 });
});

test("a greater scale makes the same time pass sooner", async () => {
  const ask = await start({ scale: 1_000_000 });
  await ask(create("a"));
  expect(await messageOf(ask(create("b")))).toBeUndefined();
});

test("closing leaves nothing that listens", async () => {
  await start();
  const { url } = fake;
  await fake.close();
  await expect(fetch(url)).rejects.toThrow();
});
