import { afterAll, beforeAll, expect, test } from "bun:test";
import { Secret } from "../../../src/crypto/secret.ts";
import { createN8nClient } from "../../../src/providers/n8n/create-n8n-client.ts";
import { never, until, webhookNode } from "../../contracts/n8n-world.ts";
import { type FakeN8n, startFakeN8n } from "../../fakes/n8n/start-fake-n8n.ts";

let n8n: FakeN8n;
beforeAll(async () => void (n8n = await startFakeN8n()));
afterAll(() => n8n.close());

const department = "0192f0c1-2222-7333-8444-555566667777";
const probe = (body: object) =>
  fetch(`${n8n.baseUrl}/webhook/path`, { method: "POST", body: JSON.stringify(body) });

test("a probe is answered by the version that serves, not by the one that is published next", async () => {
  const client = createN8nClient({ baseUrl: n8n.baseUrl, apiKey: new Secret(n8n.apiKey) });
  const definition = (version: number) => ({
    name: "probed",
    nodes: [webhookNode("path", { notes: `federation ${department} calendar v${version}` })],
    connections: {},
    settings: {},
  });
  const { id } = await client.createWorkflow(definition(1), never);
  expect((await probe({ federation_probe: "x" })).status).toBe(404);
  await client.publishWorkflow(id, never);
  await until(async () => (await probe({})).status === 200);
  const answered = (version: number) => ({
    federation: { department, template: "calendar", version, probe: "x" },
  });
  expect(await (await probe({ federation_probe: "x" })).json()).toEqual(answered(1));
  n8n.behaviour.registrationMs = 300_000;
  await client.updateWorkflow(id, definition(2), never);
  expect(await (await probe({ federation_probe: "x" })).json()).toEqual(answered(1));
  n8n.behaviour.registrationMs = 0;
  await client.updateWorkflow(id, definition(3), never);
  await until(async () => Bun.deepEquals(await (await probe({ federation_probe: "x" })).json(), answered(3)));
  expect(await (await probe({ other: 1 })).json()).toEqual({ message: "Workflow was started" });
});
