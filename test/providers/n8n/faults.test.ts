import { afterEach, beforeEach, expect, test } from "bun:test";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Secret } from "../../../src/crypto/secret.ts";
import { createN8nClient } from "../../../src/providers/n8n/create-n8n-client.ts";
import type { N8nErrorKind } from "../../../src/providers/n8n/n8n-error.ts";
import type { N8nClient, WorkflowDefinition } from "../../../src/providers/n8n/n8n.ts";
import { never, refused, until, webhookNode } from "../../contracts/n8n-world.ts";
import { type Fault, faults } from "../../fakes/n8n/faults.ts";
import { type FakeN8n, type FakeN8nOptions, startFakeN8n } from "../../fakes/n8n/start-fake-n8n.ts";

let n8n: FakeN8n;
let client: N8nClient;
const start = async (options: FakeN8nOptions = {}, timeoutMs = 2000) => {
  n8n = await startFakeN8n(options);
  client = createN8nClient({ baseUrl: n8n.baseUrl, apiKey: new Secret(n8n.apiKey), timeoutMs });
};
beforeEach(() => start());
afterEach(() => n8n.close());

const definition = (): WorkflowDefinition => ({
  name: "one",
  nodes: [webhookNode("path")],
  connections: {},
  settings: {},
});
const credential = {
  id: "cred",
  name: "a credential",
  type: "httpBearerAuth",
  data: { token: "the-secret-token" },
};

const answers: [string, Fault, N8nErrorKind, boolean, string][] = [
  ["a 503", faults.unavailable, "unavailable", true, "HTTP 503"],
  ["a 200 while n8n is starting up", faults.startingUp, "unavailable", true, "starting up"],
  ["a 429", faults.rateLimited(7), "rate_limited", true, "Too many requests"],
  ["a redirect, which is not followed", faults.redirect, "malformed", false, "HTTP 302"],
  ["a 200 that is no JSON", faults.notJson, "malformed", false, "no JSON"],
  [
    "a 200 of something else",
    { kind: "status", status: 200, body: "{}" },
    "malformed",
    false,
    "unexpected id",
  ],
  ["a 404 of a proxy", faults.proxyNotFound, "unavailable", true, "HTTP 404"],
  [
    "a 404 of a platform",
    { kind: "status", status: 404, body: '{"status":"error","code":404,"message":"Application not found"}' },
    "unavailable",
    true,
    "Application not found",
  ],
  ["a dropped connection", faults.dropAnswer, "unavailable", true, "network"],
];

test.each(answers)("%s", async (_name, fault, kind, retryable, words) => {
  n8n.fail(1, fault);
  const error = await refused(kind, client.createWorkflow(definition(), never));
  expect(error.retryable).toBe(retryable);
  expect(error.message).toContain(words);
});

test("a 429 says when to come again", async () => {
  n8n.fail(1, faults.rateLimited(7));
  const error = await refused("rate_limited", client.listCredentials(never));
  expect(error.retryAfterSeconds).toBe(7);
});

test("what was made before its answer was lost is found by name, and nothing is sent twice", async () => {
  n8n.fail(1, faults.dropAnswer);
  await refused("unavailable", client.createWorkflow(definition(), never));
  expect(n8n.calls).toEqual(["POST /workflows"]);
  expect(await client.listWorkflows(never, { name: "one" })).toHaveLength(1);
  n8n.fail(1, faults.dropAnswer);
  await refused("unavailable", client.createCredential(credential, never));
  await refused("exists", client.createCredential(credential, never));
  expect([...n8n.store.credentials.keys()]).toEqual(["cred"]);
});

test("an n8n that answers too late is unavailable, though it did what it was asked", async () => {
  const hasty = createN8nClient({ baseUrl: n8n.baseUrl, apiKey: new Secret(n8n.apiKey), timeoutMs: 50 });
  n8n.fail(1, faults.slow(200));
  const error = await refused("unavailable", hasty.createWorkflow(definition(), never));
  expect(error.message).toContain("timeout");
  expect(n8n.store.workflows.size).toBe(1);
});

test("a 404 of a proxy does not count as gone", async () => {
  const { id } = await client.createWorkflow(definition(), never);
  await client.createCredential(credential, never);
  n8n.fail(1, faults.proxyNotFound);
  await refused("unavailable", client.getWorkflow(id, never));
  n8n.fail(1, faults.proxyNotFound);
  await refused("unavailable", client.deleteWorkflow(id, never));
  n8n.fail(1, faults.proxyNotFound);
  await refused("unavailable", client.deleteCredential("cred", never));
  expect([n8n.store.workflows.size, n8n.store.credentials.size]).toEqual([1, 1]);
});

test("a secret that is echoed is not in the error, and long words are cut", async () => {
  const body = JSON.stringify({ message: `no ${n8n.apiKey} ${credential.data.token} ${"x".repeat(5000)}` });
  n8n.fail(1, { kind: "status", status: 400, body });
  const error = await refused("invalid", client.createCredential(credential, never));
  expect(error.message).not.toContain(n8n.apiKey);
  expect(error.message).not.toContain("the-secret-token");
  expect(error.message.length).toBeLessThan(500);
});

test("nobody listening is unavailable", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise((resolve) => server.close(resolve));
  const alone = createN8nClient({ baseUrl, apiKey: new Secret("key") });
  const error = await refused("unavailable", alone.listWorkflows(never));
  expect(error.retryable).toBe(true);
});

test("an answer without end is cut off", async () => {
  let megabytes = 0;
  const pull = (to: ReadableStreamDefaultController) => {
    megabytes += 1;
    to.enqueue(new Uint8Array(1024 * 1024));
  };
  const endless = createN8nClient({
    baseUrl: n8n.baseUrl,
    apiKey: new Secret(n8n.apiKey),
    fetch: () => Promise.resolve(new Response(new ReadableStream({ pull }))),
  });
  const error = await refused("malformed", endless.listWorkflows(never));
  expect(error.message).toContain("too large");
  expect(megabytes).toBeLessThan(50);
});

test("an id cannot lead to another object", async () => {
  await client.createCredential(credential, never);
  n8n.calls.length = 0;
  for (const id of ["../credentials/cred", "..", "a?b", "a/b", ""]) {
    await client.deleteWorkflow(id, never);
    await client.deleteCredential(id, never);
    await refused("not_found", client.publishWorkflow(id, never));
  }
  expect(n8n.calls).toEqual([]);
});

test("a list whose cursor goes in circles is malformed", async () => {
  const page = { data: [], nextCursor: "again" };
  const circling = createN8nClient({
    baseUrl: n8n.baseUrl,
    apiKey: new Secret(n8n.apiKey),
    fetch: () => Promise.resolve(Response.json(page)),
  });
  await refused("malformed", circling.listCredentials(never));
});

test("a strange workflow of somebody else does not spoil the list", async () => {
  const { id } = await client.createWorkflow(definition(), never);
  const row = { id: "other", name: "theirs", active: false, connections: {}, settings: null };
  const odd = { name: "n", type: "t", notes: null, credentials: { a: { id: null, name: "x" } } };
  const client2 = createN8nClient({
    baseUrl: n8n.baseUrl,
    apiKey: new Secret(n8n.apiKey),
    async fetch(url, init) {
      const page = (await (await fetch(url, init)).json()) as { data: object[] };
      return Response.json({ ...page, data: [{ ...row, nodes: [odd] }, ...page.data] });
    },
  });
  const listed = await client2.listWorkflows(never);
  expect(listed.map((one) => one.id)).toEqual(["other", id]);
});

test("a delete waits for the unpublishing, but neither for ever nor after an abort", async () => {
  await n8n.close();
  await start({ registrationMs: 60_000 }, 500);
  const { id } = await client.createWorkflow(definition(), never);
  await client.publishWorkflow(id, never);
  const error = await refused("still_published", client.deleteWorkflow(id, never));
  expect(error.retryable).toBe(true);
  const patient = createN8nClient({ baseUrl: n8n.baseUrl, apiKey: new Secret(n8n.apiKey) });
  const stop = new AbortController();
  const deletes = () => n8n.calls.filter((call) => call.startsWith("DELETE")).length;
  const before = deletes();
  const deleting = refused("unavailable", patient.deleteWorkflow(id, stop.signal));
  await until(() => Promise.resolve(deletes() > before));
  stop.abort();
  await deleting;
  expect(n8n.store.workflows.has(id)).toBe(true);
});

test("a workflow that somebody publishes during its delete is unpublished again", async () => {
  const { id } = await client.createWorkflow(definition(), never);
  await client.publishWorkflow(id, never);
  const meddling = createN8nClient({
    baseUrl: n8n.baseUrl,
    apiKey: new Secret(n8n.apiKey),
    async fetch(url, init) {
      const answer = await fetch(url, init);
      if (n8n.calls.filter((call) => call.endsWith("unpublish")).length === 1 && url.endsWith("unpublish")) {
        await client.publishWorkflow(id, never);
      }
      return answer;
    },
  });
  await meddling.deleteWorkflow(id, never);
  expect(n8n.store.workflows.size).toBe(0);
});

test("the routes and rules of an older n8n are found out once", async () => {
  await n8n.close();
  await start({ version: "2.8" });
  const { id } = await client.createWorkflow(definition(), never);
  for (let round = 0; round < 2; round++) {
    await client.publishWorkflow(id, never);
    await client.unpublishWorkflow(id, never);
    await client.createCredential(credential, never);
  }
  const tried = n8n.calls.map((call) => call.replace(id, "<id>")).slice(1);
  expect(tried).toEqual([
    ...["POST /workflows/<id>/publish", "POST /workflows/<id>/activate", "POST /workflows/<id>/deactivate"],
    ...["POST /credentials", "POST /credentials"],
    ...["POST /workflows/<id>/activate", "POST /workflows/<id>/deactivate", "POST /credentials"],
  ]);
});

test("an unavailable n8n, or a workflow that is not there, does not count as an older one", async () => {
  const { id } = await client.createWorkflow(definition(), never);
  n8n.fail(1, faults.unavailable);
  await refused("unavailable", client.publishWorkflow(id, never));
  await refused("not_found", client.publishWorkflow("0123456789abcdef", never));
  n8n.calls.length = 0;
  await client.publishWorkflow(id, never);
  expect(n8n.calls).toEqual([`POST /workflows/${id}/publish`]);
});
