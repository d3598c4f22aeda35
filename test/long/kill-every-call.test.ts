import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { submitDeprovision, submitProvision, type TestRun, untilRun } from "../crash/department.ts";
import { type FakeEngine, startFakeEngine } from "../fakes/docker/start-fake-engine.ts";
import { thingsOf } from "../fakes/docker/things-of.ts";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { type KillingProxy, startKillingProxy } from "../helpers/killing-proxy.ts";
import { expectMadeOnce, expectNothing } from "../workflows/expect-workflows.ts";
import { killWorkers, submitWithTool, suffixOf } from "../workflows/kill-at-call.ts";

const testMs = 900_000;
let n8n: FakeN8n;
let engine: FakeEngine;
beforeAll(async () => {
  n8n = await startFakeN8n({ registrationMs: 5 });
  engine = await startFakeEngine();
}, testMs);
afterAll(async () => {
  await n8n.close();
  await engine.close();
});

test.concurrent(
  "worker killed behind the answer of every single call to n8n: exactly one of everything, then nothing",
  async () => {
    const proxy = await startKillingProxy(n8n.baseUrl, (path) => path.startsWith("/api/v1/"));
    const environment = { N8N_BASE_URL: proxy.url, N8N_API_KEY: n8n.apiKey };
    const client = createN8nClient({ baseUrl: n8n.baseUrl, apiKey: new Secret(n8n.apiKey) });
    const kills = await killAtEach(proxy, environment, {
      submit: submitWithTool,
      async expectOnce(at, run) {
        await expectMadeOnce(n8n, client, at, { id: run.department, suffix: await suffixOf(at, run) });
      },
      async expectNone(at, run) {
        await expectNothing(client, at, { id: run.department, suffix: await suffixOf(at, run) });
      },
    });
    // A department with one tool: some 25 calls to make it, some 15 to remove it.
    expect(kills).toBeGreaterThan(30);
  },
  testMs,
);

test.concurrent(
  "worker killed behind the answer of every single call to the engine: exactly one of everything, then nothing",
  async () => {
    const proxy = await startKillingProxy(engine.host, (path) => !path.startsWith("/_ping"));
    const environment = { HOSTS: "docker", DOCKER_HOST: proxy.url, AGENT_IMAGE: "agent:1" };
    const kills = await killAtEach(proxy, environment, {
      submit: (at) => submitProvision(at),
      expectOnce: (_, run) =>
        Promise.resolve(expect(thingsOf(engine, run.department)).toEqual(["network", "secret", "service"])),
      expectNone: (_, run) => Promise.resolve(expect(thingsOf(engine, run.department)).toEqual([])),
    });
    expect(kills).toBeGreaterThan(20);
  },
  testMs,
);

interface Killed {
  submit(at: Installation): Promise<TestRun>;
  expectOnce(at: Installation, run: TestRun): Promise<void>;
  expectNone(at: Installation, run: TestRun): Promise<void>;
}

/** Makes and removes departments until no call is left that was not some worker's last. Answers how many there were. */
async function killAtEach(proxy: KillingProxy, environment: Record<string, string>, killed: Killed) {
  const at = await startInstallation({ workers: 0, environment });
  const workers = await killWorkers(at, proxy);
  let kills = 0;
  try {
    let [makes, removes] = [true, true];
    for (let nth = 1; makes || removes; nth++) {
      const made = await workers.tryKillAt({ nth: makes ? nth : never, when }, () => killed.submit(at));
      const { run } = made;
      expect((await untilRun(at, run.id, ...ends)).status).toBe("succeeded");
      await killed.expectOnce(at, run);
      const remove = () => submitDeprovision(at, run.slug);
      const removed = await workers.tryKillAt({ nth: removes ? nth : never, when }, remove);
      expect((await untilRun(at, removed.run.id, ...ends)).status).toBe("succeeded");
      await killed.expectNone(at, run);
      [makes, removes] = [made.wasKilled, removed.wasKilled];
      kills += Number(makes) + Number(removes);
    }
    return kills;
  } finally {
    await at.close();
    await proxy.close();
  }
}

/** What the provider sees between this call and the next; what the worker makes of the answer is lost. */
const when = "after";
const ends = ["succeeded", "failed", "rolled_back"];
/** More calls than there are. */
const never = 1_000_000;
