import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadConfig } from "../../src/config.ts";
import { checkN8n } from "../../src/doctor/check-n8n.ts";
import { faults } from "../fakes/n8n/faults.ts";
import { type FakeN8n, startFakeN8n } from "../fakes/n8n/start-fake-n8n.ts";

let fake: FakeN8n;
beforeAll(async () => {
  fake = await startFakeN8n();
});
afterAll(() => fake.close());

const found = (env: Record<string, string>) =>
  checkN8n({
    process: "worker",
    config: loadConfig({ N8N_BASE_URL: fake.baseUrl, N8N_API_KEY: fake.apiKey, ...env }),
  });
const told = async (env: Record<string, string> = {}) => (await found(env)).map(({ what }) => what);

test("an n8n that answers and takes the key is fine, and where there is none nothing is said", async () => {
  expect(await found({})).toEqual([
    { level: "ok", what: `n8n answers at ${fake.baseUrl} and takes the key` },
  ]);
  expect(await checkN8n({ process: "worker", config: loadConfig({}) })).toEqual([]);
});

test("a wrong key, an n8n that is away and something else at its address are told apart", async () => {
  expect(await told({ N8N_API_KEY: "revoked-key" })).toEqual([`n8n at ${fake.baseUrl} refuses N8N_API_KEY`]);
  expect(JSON.stringify(await found({ N8N_API_KEY: "revoked-key" }))).not.toContain("revoked-key");
  expect(await told({ N8N_BASE_URL: "http://127.0.0.1:1" })).toEqual([
    "n8n does not answer at http://127.0.0.1:1",
  ]);
  fake.fail(1, faults.unavailable);
  expect(await told()).toEqual([`n8n does not answer at ${fake.baseUrl}`]);
  fake.fail(1, faults.notJson);
  expect(await told()).toEqual([`what answers at ${fake.baseUrl} is not n8n's API`]);
});
