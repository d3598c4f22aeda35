// On a real n8n: `N8N_BASE_URL=… N8N_API_KEY=… npm run test:n8n`.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { departmentBody, readRun, runOf, untilRun, type TestRun } from "../crash/department.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";

const baseUrl = process.env["N8N_BASE_URL"] ?? "";
const apiKey = process.env["N8N_API_KEY"] ?? "";

let at: Installation;
const client = createN8nClient({ baseUrl, apiKey: new Secret(apiKey) });

beforeAll(async () => {
  at = await startInstallation({ workers: 1, environment: { N8N_BASE_URL: baseUrl, N8N_API_KEY: apiKey } });
});
afterAll(() => at.close());

test("try", async () => {
  const body = { ...departmentBody("wf-try"), enabled_tools: ["calendar", "email", "database"] };
  const t = performance.now();
  const run = runOf(await at.client.send("POST", "/provision-department", body));
  await untilRun(at, run.id, "succeeded", "failed");
  console.log(performance.now() - t, "");
  console.log("");
  console.log(
    "LOG",
    (await Bun.file(at.directory + "/worker.log").text()).split("\n").filter((l) => l.includes("again")),
  );
  const d = runOf(await at.client.send("DELETE", `/deprovision/wf-try`, { grace_hours: 0, export: true }));
  await untilRun(at, d.id, "succeeded", "failed");
  console.log("");
});
