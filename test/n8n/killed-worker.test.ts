import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { submitDeprovision, untilRun } from "../crash/department.ts";
import { expectNothing, expectOneOfEach } from "../workflows/expect-workflows.ts";
import { type Killing, startKilling, submitWithTool, suffixOf } from "../workflows/kill-at-call.ts";
import { givenN8n } from "./provision-world.ts";

let killing: Killing;
beforeAll(async () => void (killing = await startKilling(givenN8n())));
afterAll(() => killing.close());

// The calls are listed in test/workflows/killed-worker.test.ts.
test.each([
  [5, "after"],
  [8, "after"],
  [9, "before"],
  [17, "after"],
] as const)(
  "a worker killed at call %i, %s n8n has answered, and one while it is removed: one of everything, then nothing",
  async (nth, when) => {
    const { baseUrl, apiKey } = givenN8n();
    const client = createN8nClient({ baseUrl, apiKey: new Secret(apiKey) });
    const { at } = killing;
    const run = await killing.killAt({ nth, when }, () => submitWithTool(at));
    const department = { id: run.department, suffix: await suffixOf(at, run) };
    expect((await untilRun(at, run.id, "succeeded", "failed")).status).toBe("succeeded");
    await expectOneOfEach(client, at, department, ["calendar"]);
    const end = await killing.killAt({ nth, when }, () => submitDeprovision(at, run.slug));
    await untilRun(at, end.id, "succeeded");
    await expectNothing(client, at, department);
  },
  120_000,
);
