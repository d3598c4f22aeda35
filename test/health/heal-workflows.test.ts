import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { provisionWithTool } from "../workflows/kill-at-call.ts";
import { runFed } from "../helpers/run-fed.ts";

let n8n: FakeN8n;
let at: Installation;
beforeAll(async () => {
  n8n = await startFakeN8n({ registrationMs: 5 });
  const environment = {
    N8N_BASE_URL: n8n.baseUrl,
    N8N_API_KEY: n8n.apiKey,
    HEALTH_RECHECK_SECONDS: "1",
  };
  at = await startInstallation({ workers: 1, environment });
}, 60_000);
afterAll(async () => {
  await at.close();
  await n8n.close();
}, 60_000);

const fed = (args: string[]) => runFed({ url: at.url, key: at.key.reveal() }, args);

test("a workflow that somebody deletes makes the department degraded, and its upgrade brings it back, without a person", async () => {
  const { slug, department: id } = await provisionWithTool(at);
  const well = await fed(["health", slug, "--now"]);
  expect([well.code, well.out]).toEqual([0, expect.stringMatching(/workflows +ok/)]);
  const calendar = [...n8n.store.workflows.values()].find(({ name }) => name.endsWith("/calendar"));
  const somebody = createN8nClient({ baseUrl: n8n.baseUrl, apiKey: new Secret(n8n.apiKey) });
  await somebody.deleteWorkflow(calendar?.id ?? "", AbortSignal.timeout(20_000));
  const unwell = await fed(["health", slug, "--now"]);
  expect(unwell.out).toContain("Missing in n8n: calendar.");
  const told = async () => {
    const rows = await at.sql`
      select type, data->'failed' as failed from federation.webhook_event where department_id = ${id}
        and type in ('department.degraded', 'department.recovered', 'alert.fired') order by id`;
    return rows.map(({ type, failed }) => ({ type, failed }));
  };
  await until("it is well again", async () => (await told()).length === 2, 120);
  expect(await told()).toEqual([
    { type: "department.degraded", failed: ["workflows"] },
    { type: "department.recovered", failed: [] },
  ]);
  const [{ restarts } = { restarts: 0 }] = await at.sql<{ restarts: number }[]>`
    select count(*)::int as restarts from audit.event where stream = ${id} and action = 'department.heal_restart'`;
  expect(restarts).toBe(0);
  const history = await fed(["health", slug, "--history"]);
  expect(history.out).toMatch(/unhealthy +workflows failed Missing in n8n: calendar\./);
  const fleet = await fed(["health"]);
  expect([fleet.code, fleet.out]).toEqual([
    0,
    expect.stringMatching(new RegExp(`${slug} +local +active +healthy`)),
  ]);
}, 240_000);
