import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import {
  departmentBody,
  randomSlug,
  runOf,
  submitDeprovision,
  type TestRun,
  untilRun,
} from "../crash/department.ts";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";
import { type Installation, startInstallation } from "../helpers/installation.ts";
import { lookForDrift } from "../helpers/look-for-drift.ts";
import { expectMadeOnce, expectNothing, findOwn } from "./expect-workflows.ts";
import { suffixOf } from "./kill-at-call.ts";

let shared: FakeN8n;
let own: FakeN8n;
let at: Installation;
beforeAll(async () => {
  [shared, own] = await Promise.all([
    startFakeN8n({ registrationMs: 5 }),
    startFakeN8n({ registrationMs: 5 }),
  ]);
  const environment = { N8N_BASE_URL: shared.baseUrl, N8N_API_KEY: shared.apiKey };
  at = await startInstallation({ workers: 1, environment });
});
afterAll(async () => {
  await at.close();
  await Promise.all([shared.close(), own.close()]);
});

const clientOf = ({ baseUrl, apiKey }: FakeN8n) => createN8nClient({ baseUrl, apiKey: new Secret(apiKey) });

async function submit(): Promise<TestRun> {
  const body = departmentBody(randomSlug(), { n8n: { instance: "own" } });
  return runOf(
    await at.client.send("POST", "/provision-department", { ...body, enabled_tools: ["calendar"] }),
  );
}

test("a department that wants an n8n of its own has nothing in the shared one, and leaves nothing in its own", async () => {
  const run = await submit();
  expect((await untilRun(at, run.id, "failed")).error).toBe("n8n_pool_empty");
  expect(shared.calls.filter((call) => !call.startsWith("GET"))).toEqual([]);
  const instance = { base_url: own.baseUrl, api_key: own.apiKey };
  const { id } = await at.client.send("POST", "/n8n-instances", instance);
  await at.client.send("POST", `/runs/${run.id}/retry`, {});
  await untilRun(at, run.id, "succeeded");
  const department = { id: run.department, suffix: await suffixOf(at, run) };
  await expectMadeOnce(own, clientOf(own), at, department);
  expect(await findOwn(clientOf(shared), department)).toMatchObject({ workflows: [], credentials: [] });
  const drift = await lookForDrift(at, run.slug);
  expect(drift["in_sync"]).toBe(true);
  const health = await at.client.get(`/departments/${run.slug}/health`);
  expect(health["checks"]).toMatchObject({ agent: { status: "ready" } });
  await untilRun(at, (await submitDeprovision(at, run.slug)).id, "succeeded");
  await expectNothing(clientOf(own), at, department);
  const [row] = await at.sql`
    select status, department_id, api_key_sealed from federation.n8n_instance where id = ${String(id)}`;
  expect(row).toEqual({ status: "retired", department_id: null, api_key_sealed: null } as never);
});

test("a run that is taken back before anything was made gives its n8n back to the pool", async () => {
  const { id } = await at.client.send("POST", "/n8n-instances", {
    base_url: "http://127.0.0.1:1",
    api_key: "key",
  });
  const run = await submit();
  expect((await untilRun(at, run.id, "failed")).error).toBe("n8n_unreachable");
  await at.client.send("POST", `/runs/${run.id}/cancel`, {});
  await untilRun(at, run.id, "cancelled");
  const [row] = await at.sql`select status from federation.n8n_instance where id = ${String(id)}`;
  expect(row?.["status"]).toBe("free");
});

test("where a department's n8n is does not change with its definition", async () => {
  const slug = randomSlug();
  const run = runOf(await at.client.send("POST", "/provision-department", departmentBody(slug)));
  await untilRun(at, run.id, "succeeded");
  const { department_id: _, ...config } = departmentBody(slug, { n8n: { instance: "own" } });
  const change = at.client.send("PUT", `/departments/${slug}/config`, { expected_version: 1, config });
  await expect(change).rejects.toMatchObject({ status: 409, code: "n8n_is_fixed" });
});
