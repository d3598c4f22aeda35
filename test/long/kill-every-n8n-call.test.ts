import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { submitDeprovision, untilRun } from "../crash/department.ts";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { expectMadeOnce, expectNothing } from "../workflows/expect-workflows.ts";
import {
  countCalls,
  deprovision,
  type Killing,
  provisionWithTool,
  startKilling,
  submitWithTool,
  suffixOf,
} from "../workflows/kill-at-call.ts";

let n8n: FakeN8n;
let killing: Killing;
beforeAll(async () => {
  n8n = await startFakeN8n({ registrationMs: 5 });
  killing = await startKilling(n8n);
});
afterAll(async () => {
  await killing.close();
  await n8n.close();
});

test.each(["before", "after"] as const)(
  "a worker killed at any call, %s n8n has answered it: one of everything, and nothing once it is removed",
  async (when) => {
    const { at, proxy } = killing;
    const client = createN8nClient({ baseUrl: n8n.baseUrl, apiKey: new Secret(n8n.apiKey) });
    const whole = await provisionWithTool(at);
    const callCount = await countCalls(proxy, () => provisionWithTool(at));
    const endCount = await countCalls(proxy, () => deprovision(at, whole.slug));
    for (let nth = 1; nth <= callCount; nth++) {
      const run = await killing.killAt({ nth, when }, () => submitWithTool(at));
      await untilRun(at, run.id, "succeeded");
      const department = { id: run.department, suffix: await suffixOf(at, run) };
      await expectMadeOnce(n8n, client, at, department);
      if (nth > endCount) continue;
      const end = await killing.killAt({ nth, when }, () => submitDeprovision(at, run.slug));
      await untilRun(at, end.id, "succeeded");
      await expectNothing(client, at, department);
    }
    expect(callCount).toBeGreaterThan(20);
  },
);
