import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { provisionWithTool } from "../workflows/kill-at-call.ts";

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

async function fed(args: string[]) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "../../src/cli/main.ts"), ...args], {
    env: { ...process.env, FEDERATION_URL: at.url, FEDERATION_API_KEY: at.key.reveal(), LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { code: await child.exited, out, err };
}

test("fed drift exits with 0 while n8n is as it should be, and with 8 and the difference when it is not", async () => {
  const { slug } = await provisionWithTool(at);
  const clean = await fed(["drift", slug]);
  expect([clean.code, clean.out]).toEqual([0, expect.stringMatching(/calendar .* in sync/)]);
  const calendar = [...n8n.store.workflows.values()].find(({ name }) => name.endsWith("/calendar"));
  const edited = calendar?.nodes.find(({ type }) => type === "n8n-nodes-base.httpRequest");
  if (!edited) throw new Error("the calendar calls nobody");
  edited.parameters["url"] = "https://elsewhere.example/";
  const drifted = await fed(["drift", slug]);
  expect([drifted.code, drifted.out]).toEqual([8, expect.stringMatching(/calendar .* changed/)]);
  expect(drifted.out).toContain(`nodes.${edited.name}.parameters.url`);
  expect(drifted.out).toContain("https://elsewhere.example/");
  const json = await fed(["drift", slug, "--json"]);
  expect([json.code, JSON.parse(json.out).in_sync]).toEqual([8, false]);
});

test("fed drift exits with 7 when n8n does not answer", async () => {
  const { slug } = await provisionWithTool(at);
  // The client itself asks again a few times.
  for (let nth = 1; nth <= 20; nth++) n8n.fail(nth, { kind: "status", status: 503 });
  const { code, err } = await fed(["drift", slug]);
  expect([code, err]).toEqual([7, expect.stringContaining("n8n_unavailable")]);
});
