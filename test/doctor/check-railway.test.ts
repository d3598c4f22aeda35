import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadConfig } from "../../src/config.ts";
import { createWorkerDeps } from "../../src/deps.ts";
import { checkRailway } from "../../src/doctor/check-railway.ts";
import { diagnose } from "../../src/doctor/diagnose.ts";
import { createLog } from "../../src/log.ts";
import { type FakeRailway, startFakeRailway } from "../fakes/railway/start-fake-railway.ts";

let fake: FakeRailway;
let one: { id: string; name: string; token: string };
let two: typeof one;
beforeAll(async () => {
  fake = await startFakeRailway({ workspaces: [{ name: "one" }, { name: "two" }] });
  [one, two] = fake.controls.workspaces as [typeof one, typeof one];
});
afterAll(() => fake.close());

const found = (env: Record<string, string>) =>
  checkRailway({
    process: "worker",
    config: loadConfig({
      HOSTS: "railway",
      AGENT_IMAGE: "registry.example/agent:1",
      PUBLIC_URL: "https://assistants.example.com",
      RAILWAY_ENDPOINT: fake.url,
      ...env,
    }),
  });
const problems = async (env: Record<string, string>) =>
  (await found(env)).filter(({ level }) => level !== "ok").map(({ level, what }) => `${level}: ${what}`);

test("a workspace token is fine, and what it reaches is told", async () => {
  expect(await found({ RAILWAY_API_TOKEN: one.token })).toEqual([
    { level: "ok", what: `RAILWAY_API_TOKEN reaches one (${one.id})` },
  ]);
  expect(await problems({ RAILWAY_API_TOKEN: fake.controls.accountToken })).toEqual([]);
});

test("a project token is known for what it is, and what to make instead is said", async () => {
  const { baseEnvironmentId } = fake.controls.addForeignProject();
  const [problem] = await found({ RAILWAY_API_TOKEN: fake.controls.projectToken(baseEnvironmentId) });
  expect(problem).toMatchObject({
    level: "error",
    what: "RAILWAY_API_TOKEN is a project token, which makes no projects",
  });
  expect(problem?.remedy).toContain("workspace token");
});

test("of several tokens, the one that Railway does not accept is told by its place, and not shown", async () => {
  const told = await found({ RAILWAY_API_TOKEN: `${one.token},revoked-token` });
  expect(told[1]).toMatchObject({ level: "error" });
  expect(told[1]?.what).toStartWith("token 2 of RAILWAY_API_TOKEN is not accepted");
  expect(JSON.stringify(told)).not.toContain("revoked-token");
});

test("a configured workspace that no token reaches is told with those that one does", async () => {
  const told = await found({ RAILWAY_API_TOKEN: one.token, RAILWAY_WORKSPACES: `${one.id},${two.id}` });
  expect(told.filter(({ level }) => level === "error")).toMatchObject([
    { what: `RAILWAY_WORKSPACES: no token reaches ${two.id}` },
  ]);
  expect(told.find(({ level }) => level === "error")?.remedy).toContain(one.id);
});

test("a budget larger than the plan's is told with the plan's", async () => {
  const lines = await problems({ RAILWAY_API_TOKEN: one.token, RAILWAY_CALLS_PER_HOUR: "20000" });
  expect(lines).toEqual(["warning: Railway gives RAILWAY_API_TOKEN 10000 calls an hour, not 20000"]);
});

test("a Railway that does not answer is no verdict on the token or its workspaces", async () => {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response("", { status: 502 }),
  });
  try {
    const env = { RAILWAY_ENDPOINT: server.url.href, RAILWAY_WORKSPACES: one.id };
    const lines = await problems({ RAILWAY_API_TOKEN: one.token, ...env });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toStartWith("warning: RAILWAY_API_TOKEN: Railway could not be asked");
  } finally {
    await server.stop(true);
  }
});

test("an address or an image that Railway's machines cannot reach is told", async () => {
  const env = { PUBLIC_URL: "http://127.0.0.1:3000", AGENT_IMAGE: "federation-agent:1" };
  expect(await problems({ RAILWAY_API_TOKEN: one.token, ...env })).toEqual([
    "error: PUBLIC_URL is http://127.0.0.1:3000, which agents on Railway cannot reach",
    "warning: AGENT_IMAGE is federation-agent:1, which names no registry",
  ]);
});

test("a worker without a token is refused before it opens anything, and RAILWAY_TOKEN in its place is told", async () => {
  const env = { HOSTS: "railway", AGENT_IMAGE: "registry.example/agent:1" };
  const start = (more: object) => {
    const config = loadConfig({ ...env, ...more });
    return createWorkerDeps(config, createLog(config, "worker"));
  };
  await expect(start({ RAILWAY_TOKEN: "a-project-token" })).rejects.toThrow(
    /RAILWAY_API_TOKEN: is required .*; RAILWAY_TOKEN is set, where project tokens are kept, and is not read/,
  );
  await expect(start({})).rejects.toThrow(/is required in the worker where departments run on railway$/);
  expect(await problems({})).toEqual([
    "error: RAILWAY_API_TOKEN: is required in the worker where departments run on railway",
  ]);
});

test("`fed doctor` asks Railway where departments run there, and nowhere else", async () => {
  const env = {
    RAILWAY_API_TOKEN: one.token,
    RAILWAY_ENDPOINT: fake.url,
    AGENT_IMAGE: "registry.example/agent:1",
  };
  const toldOf = async (HOSTS: string) =>
    (await diagnose({ config: loadConfig({ ...env, HOSTS }), process: "worker" })).filter(({ what }) =>
      what.includes("RAILWAY"),
    ).length;
  expect(await toldOf("local,railway")).toBe(1);
  expect(await toldOf("local")).toBe(0);
});
