import { afterAll, beforeAll, expect, test } from "bun:test";
import { agentVariables } from "../../src/departments/agent-variables.ts";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { provisionWithTool } from "../workflows/kill-at-call.ts";
import { runFed } from "../helpers/run-fed.ts";

let n8n: FakeN8n;
let at: Installation;
beforeAll(async () => {
  n8n = await startFakeN8n({ registrationMs: 5 });
  const environment = { N8N_BASE_URL: n8n.baseUrl, N8N_API_KEY: n8n.apiKey };
  at = await startInstallation({ workers: 1, environment });
}, 60_000);
afterAll(async () => {
  await at.close();
  await n8n.close();
}, 60_000);

const fed = (args: string[]) => runFed({ url: at.url, key: at.key.reveal() }, args);

async function editCalendar(): Promise<string> {
  const calendar = [...n8n.store.workflows.values()].findLast(({ name }) => name.endsWith("/calendar"));
  const edited = calendar?.nodes.find(({ type }) => type === "n8n-nodes-base.httpRequest");
  if (!edited) throw new Error("the calendar calls nobody");
  edited.parameters["url"] = "https://elsewhere.example/";
  return edited.name;
}

/** As somebody with access to the database could. */
async function changeVariable(slug: string, name: string, value: string): Promise<void> {
  const [row] = await at.sql<{ id: string; sealed: string }[]>`
    select a.department_id as id, a.variables_sealed as sealed from federation.local_agent a
    join federation.department d on d.id = a.department_id where d.slug = ${slug}`;
  if (!row) throw new Error("there is no agent");
  const { seal, open } = agentVariables(at.vault);
  const sealed = await seal(row.id, { ...(await open(row.id, row.sealed)), [name]: value });
  await at.sql`update federation.local_agent set variables_sealed = ${sealed} where department_id = ${row.id}`;
}

test("an edited workflow and a variable changed at the host are shown by fed drift, and fed drift --repair puts both right", async () => {
  const { slug } = await provisionWithTool(at);
  const before = await fed(["drift", slug]);
  expect([before.code, before.out]).toEqual([7, expect.stringContaining("never yet")]);
  const clean = await fed(["drift", slug, "--now"]);
  expect([clean.code, clean.out]).toEqual([0, expect.stringMatching(/calendar .* in sync/)]);
  const node = await editCalendar();
  await changeVariable(slug, "ENABLED_TOOLS", "canary-of-a-hand");
  const drifted = await fed(["drift", slug, "--now"]);
  expect([drifted.code, drifted.out]).toEqual([8, expect.stringMatching(/calendar .* changed/)]);
  expect(drifted.out).toContain(`nodes.${node}.parameters.url`);
  expect(drifted.out).toContain("https://elsewhere.example/");
  expect(drifted.out).toContain("host: variable ENABLED_TOOLS changed");
  expect(drifted.out).not.toContain("canary-of-a-hand");
  const json = await fed(["drift", slug, "--json"]);
  expect([json.code, JSON.parse(json.out).in_sync]).toEqual([8, false]);
  const all = await fed(["drift"]);
  expect([all.code, all.out]).toEqual([8, expect.stringMatching(/drifted .*workflows, host/)]);
  expect((await fed(["drift", slug, "--repair", "--watch"])).code).toBe(0);
  const repaired = await fed(["drift", slug, "--now"]);
  expect([repaired.code, repaired.out]).toEqual([0, expect.stringMatching(/^in sync/)]);
}, 120_000);

test("fed drift exits with 7 when n8n does not answer, and says which part is unknown", async () => {
  const { slug } = await provisionWithTool(at);
  // The client itself asks again a few times.
  for (let nth = 1; nth <= 40; nth++) n8n.fail(nth, { kind: "status", status: 503 });
  const { code, out } = await fed(["drift", slug, "--now"]);
  expect([code, out]).toEqual([7, expect.stringContaining("workflows unknown: ")]);
}, 60_000);
