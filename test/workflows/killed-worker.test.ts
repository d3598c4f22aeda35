import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { auditedActions } from "../crash/expect-department.ts";
import { submitDeprovision, untilRun } from "../crash/department.ts";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { expectMadeOnce, expectNothing } from "./expect-workflows.ts";
import { type Killing, provisionWithTool, startKilling, submitWithTool, suffixOf } from "./kill-at-call.ts";

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

const clientOf = () => createN8nClient({ baseUrl: n8n.baseUrl, apiKey: new Secret(n8n.apiKey) });

// Of a department with one tool: two of preflight, then a list and three credentials (4 to 6), and then for each of four
// workflows a list (7), its creation (8), publication (9) and reading back (10).
const moments = [
  [1, "before"],
  [4, "after"],
  [6, "before"],
  [8, "before"],
  [8, "after"],
  [9, "after"],
  [20, "after"],
  [21, "before"],
] as const;

test.each(moments)(
  "a worker killed at call %i, %s n8n has answered, leaves exactly one of everything",
  async (nth, when) => {
    const { at } = killing;
    const run = await killing.killAt({ nth, when }, () => submitWithTool(at));
    await untilRun(at, run.id, "succeeded");
    const department = { id: run.department, suffix: await suffixOf(at, run) };
    await expectMadeOnce(n8n, clientOf(), at, department);
    expect((await auditedActions(at, run.department)).get("client.create")).toBe(2);
  },
);

test.each([
  [3, "after"],
  [4, "before"],
  [12, "after"],
] as const)(
  "a worker killed at call %i of the removal, %s n8n has answered, leaves nothing",
  async (nth, when) => {
    const { at } = killing;
    const { slug, ...made } = await provisionWithTool(at);
    const department = { id: made.department, suffix: await suffixOf(at, { slug, ...made }) };
    const run = await killing.killAt({ nth, when }, () => submitDeprovision(at, slug));
    await untilRun(at, run.id, "succeeded");
    await expectNothing(clientOf(), at, department);
  },
);
