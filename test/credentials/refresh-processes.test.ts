import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { until } from "../helpers/installation.ts";
import { faults } from "../fakes/google/faults.ts";
import { type OAuthTestWorld, startOAuthTestWorld, type TestCredential, type TokenProcess } from "./world.ts";

let world: OAuthTestWorld;
let one: TokenProcess;
let other: TokenProcess;
let credential: TestCredential;
const callers = 100;

beforeAll(async () => {
  world = await startOAuthTestWorld({ delayMs: 300 });
  [one, other] = await Promise.all([world.startProcess(), world.startProcess()]);
});
afterAll(() => world.close());
beforeEach(async () => {
  Object.assign(world.google.behaviour, { delayMs: 300, rotation: "none" });
  credential = await world.addCredential(-1);
});

const askBoth = () => Promise.all([one.get(credential.id, callers), other.get(credential.id, callers)]);
const calls = () => world.callsOf(credential.origin);
const calledOften = (times: number) => until(`call ${times} came`, async () => calls().length >= times);

describe("over two processes", () => {
  test("callers at the instant of expiry cost one call to the provider, and all get its token", async () => {
    for (let expiry = 1; expiry <= 3; expiry += 1) {
      await world.expire(credential.id);
      const gotten = await askBoth();
      expect(gotten.flatMap(({ errors }) => errors)).toEqual([]);
      expect(new Set(gotten.flatMap(({ tokens }) => tokens)).size).toBe(1);
      expect(calls().length).toBe(expiry);
    }
    expect(await world.audited(credential.department.id)).toEqual(["done", "done", "done"]);
  });

  test("a failed call costs one more, and nobody notices", async () => {
    world.google.failNext(faults.serverError, faults.drop);
    const gotten = await askBoth();
    expect(gotten.flatMap(({ errors }) => errors)).toEqual([]);
    expect(calls().map(({ status }) => status)).toEqual([500, 0, 200]);
    expect(await world.row(credential.id)).toMatchObject({
      status: "active",
      failures: 0,
      failure_code: null,
    });
    expect(await world.events(credential.department.id)).toEqual([]);
  });

  test("invalid_grant is asked once, announced once and never retried", async () => {
    world.google.store.refreshTokens.delete(credential.origin);
    const asked = world.google.counts.refresh;
    for (let round = 0; round < 3; round += 1) {
      const gotten = await askBoth();
      expect(new Set(gotten.flatMap(({ errors }) => errors))).toEqual(new Set(["needs_consent"]));
    }
    expect(world.google.counts.refresh - asked).toBe(1);
    expect(await world.row(credential.id)).toMatchObject({ status: "needs_consent", access_sealed: null });
    expect(await world.events(credential.department.id)).toEqual(["credential.broken"]);
    expect(await world.audited(credential.department.id)).toEqual(["failed invalid_grant"]);
  });

  test("a holder killed in its call costs one more, and its callers' token comes from the other process", async () => {
    const victim = await world.startProcess();
    void victim.get(credential.id, callers);
    await calledOften(1);
    victim.kill("SIGKILL");
    const waiting = other.get(credential.id, callers);
    await world.endHold(credential.id);
    expect((await waiting).errors).toEqual([]);
    expect(calls().length).toBe(2);
  });

  test("a paused holder that wakes up changes nothing, and answers with the other one's token", async () => {
    const paused = await world.startProcess();
    const late = paused.get(credential.id, callers);
    await calledOften(1);
    paused.kill("SIGSTOP");
    await world.endHold(credential.id);
    const { tokens } = await other.get(credential.id, callers);
    const [before, audited] = [await world.row(credential.id), await world.audited(credential.department.id)];
    paused.kill("SIGCONT");
    expect(await late).toEqual({ tokens, errors: [] });
    expect(await world.row(credential.id)).toEqual(before);
    expect(await world.audited(credential.department.id)).toEqual(audited);
    expect(calls().length).toBe(2);
  });

  test("a rotated refresh token survives holders that are killed before they could store it", async () => {
    world.google.behaviour.rotation = "until_used";
    for (let killed = 1; killed <= 3; killed += 1) {
      const victim = await world.startProcess();
      void victim.get(credential.id, 1);
      await calledOften(2 * killed - 1);
      victim.kill("SIGKILL");
      await world.endHold(credential.id);
      expect((await other.get(credential.id, callers)).errors).toEqual([]);
      await world.expire(credential.id);
    }
    expect((await one.get(credential.id, 1)).errors).toEqual([]);
    expect((await world.row(credential.id))["status"]).toBe("active");
    expect(calls().filter(({ status }) => status === 400)).toEqual([]);
  });

  test("a rotated refresh token survives a holder that was paused while another one refreshed", async () => {
    world.google.behaviour.rotation = "until_used";
    const paused = await world.startProcess();
    const late = paused.get(credential.id, 1);
    await calledOften(1);
    paused.kill("SIGSTOP");
    await world.endHold(credential.id);
    await other.get(credential.id, callers);
    paused.kill("SIGCONT");
    expect((await late).errors).toEqual([]);
    for (let round = 0; round < 3; round += 1) {
      await world.expire(credential.id);
      expect((await askBoth()).flatMap(({ errors }) => errors)).toEqual([]);
    }
  });
});
