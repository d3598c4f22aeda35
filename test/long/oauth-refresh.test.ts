import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  type OAuthTestWorld,
  startOAuthTestWorld,
  type TestCredential,
  type TokenProcess,
} from "../credentials/world.ts";
import { until } from "../helpers/installation.ts";

const testMs = 300_000;
const callersEach = 500;
let world: OAuthTestWorld;
let both: [TokenProcess, TokenProcess];
let credential: TestCredential;
beforeAll(async () => {
  world = await startOAuthTestWorld();
  both = await Promise.all([world.startProcess(), world.startProcess()]);
}, testMs);
afterAll(() => world.close(), testMs);
beforeEach(async () => {
  Object.assign(world.google.behaviour, { delayMs: 300, failEvery: 0, rotation: "none" });
  credential = await world.addCredential(-1);
}, testMs);

const calls = () => world.callsOf(credential.origin);
const answered = (status: number) => calls().filter((call) => call.status === status).length;
const calledOften = (times: number) => until(`call ${times} came`, async () => calls().length >= times);

/** 1,000 callers at the instant of expiry: all are given one token that nobody had before. */
async function expireAndAsk(given: Set<string>): Promise<void> {
  await world.expire(credential.id);
  const gotten = await Promise.all(both.map((process) => process.get(credential.id, callersEach)));
  expect(gotten.flatMap(({ errors }) => errors)).toEqual([]);
  const tokens = new Set(gotten.flatMap((one) => one.tokens));
  expect(tokens.size).toBe(1);
  for (const token of tokens) expect(given.has(token)).toBe(false);
  for (const token of tokens) given.add(token);
}

test(
  "1,000 callers over two processes cost one call per expiry",
  async () => {
    const given = new Set<string>();
    for (let expiry = 1; expiry <= 30; expiry += 1) {
      await expireAndAsk(given);
      expect(calls().length).toBe(expiry);
    }
  },
  testMs,
);

test(
  "with 10 % errors each expiry costs one call that succeeds and one more per error, and no grant is lost",
  async () => {
    world.google.behaviour.failEvery = 10;
    const given = new Set<string>();
    for (let expiry = 1; expiry <= 50; expiry += 1) await expireAndAsk(given);
    expect(answered(200)).toBe(50);
    expect(answered(500)).toBeGreaterThanOrEqual(5);
    expect(calls().length).toBe(50 + answered(500));
    expect(await world.row(credential.id)).toMatchObject({ status: "active", failures: 0 });
    expect(await world.events(credential.department.id)).toEqual([]);
  },
  testMs,
);

test(
  "a holder killed in its call costs one more, when its time is over by itself",
  async () => {
    const given = new Set<string>();
    for (let killed = 1; killed <= 3; killed += 1) {
      const victim = await world.startProcess();
      await world.expire(credential.id);
      void victim.get(credential.id, callersEach);
      await calledOften(2 * killed - 1);
      victim.kill("SIGKILL");
      const gotten = await Promise.all(both.map((process) => process.get(credential.id, callersEach)));
      expect(gotten.flatMap(({ errors }) => errors)).toEqual([]);
      for (const { tokens } of gotten) for (const token of tokens) given.add(token);
      expect(calls().length).toBe(2 * killed);
    }
    expect(given.size).toBe(3);
  },
  testMs,
);

test(
  "a holder paused beyond its time changes nothing when it wakes up",
  async () => {
    const paused = await world.startProcess();
    const late = paused.get(credential.id, 10);
    await calledOften(1);
    paused.kill("SIGSTOP");
    const { tokens, errors } = await both[0].get(credential.id, callersEach);
    expect(errors).toEqual([]);
    const before = await world.row(credential.id);
    paused.kill("SIGCONT");
    expect(await late).toEqual({ tokens, errors: [] });
    expect(await world.row(credential.id)).toEqual(before);
    expect(calls().length).toBe(2);
  },
  testMs,
);

test(
  "rotated refresh tokens survive 30 holders killed at any moment",
  async () => {
    Object.assign(world.google.behaviour, { rotation: "until_used", delayMs: 100 });
    for (let killed = 0; killed < 30; killed += 1) {
      const victim = await world.startProcess();
      await world.expire(credential.id);
      void victim.get(credential.id, 10);
      // From before the call until after its answer was stored.
      await Bun.sleep(killed * 7);
      victim.kill("SIGKILL");
      await victim.close();
      await world.endHold(credential.id);
      expect((await both[killed % 2 === 0 ? 0 : 1].get(credential.id, 10)).errors).toEqual([]);
    }
    expect(answered(400)).toBe(0);
    expect(await world.events(credential.department.id)).toEqual([]);
  },
  testMs,
);
