import { afterAll, beforeAll, expect, test } from "bun:test";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { provisionRequest } from "../../src/config-schema/department.ts";
import type { WorkflowDefinition } from "../../src/providers/n8n/n8n.ts";
import { realN8n, until } from "./real-n8n.ts";

const file = join(import.meta.dir, "../../examples/n8n/provision-from-form.json");
const name = `n8n-templates-form-${crypto.randomUUID().slice(0, 8)}`;
const basic = { id: `n8nt${name.slice(-8)}b`, name: `${name} basic` };
const bearer = { id: `n8nt${name.slice(-8)}o`, name: `${name} bearer` };
const login = { authorization: `Basic ${btoa("operator:word")}` };
const n8n = realN8n();

interface Asked {
  path: string;
  headers: Record<string, string>;
  text: string;
}

let privateKey: KeyObject;
let asked: Asked[] = [];
let refusal: object | undefined;
let platform: Bun.Server<undefined>;
let id: string;

beforeAll(async () => {
  const pair = generateKeyPairSync("ed25519");
  privateKey = pair.privateKey;
  const jwk = pair.publicKey.export({ format: "jwk" });
  platform = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const path = new URL(request.url).pathname;
      if (path === "/.well-known/jwks.json") return Response.json({ keys: [{ kty: "RSA" }, jwk] });
      asked.push({ path, headers: request.headers.toJSON(), text: await request.text() });
      const begun = { department_id: "hr", status: "provisioning", status_url: "https://example.com/status" };
      return refusal ? Response.json(refusal, { status: 422 }) : Response.json(begun, { status: 202 });
    },
  });
  await n8n.createCredential({
    ...basic,
    type: "httpBasicAuth",
    data: { user: "operator", password: "word" },
  });
  await n8n.createCredential({ ...bearer, type: "httpBearerAuth", data: { token: "operator-key" } });
  id = await n8n.createWorkflow(await imported());
  await until(formStatus, (status) => status !== 404);
  await until(
    () => callBack("{}", { signed: false }),
    (status) => status !== 404,
  );
}, 60_000);

afterAll(async () => {
  await n8n.close();
  await platform.stop(true);
}, 60_000);

/** The file as somebody imports it: with credentials chosen, both settings filled in, and paths of this test. */
async function imported(): Promise<WorkflowDefinition> {
  const definition: WorkflowDefinition = await Bun.file(file).json();
  const node = (wanted: string) => {
    const found = definition.nodes.find((one) => one.name === wanted);
    if (!found) throw new Error(`there is no node ${wanted}`);
    return found;
  };
  node("New department").credentials = { httpBasicAuth: basic };
  node("New department").parameters["options"] = { path: `${name}-new` };
  node("Provision").credentials = { httpBearerAuth: bearer };
  node("Callback").parameters["path"] = `${name}-callback`;
  const value = (field: string, text: string) => ({ id: field, name: field, type: "string", value: text });
  const assignments = [
    value("federation_url", platform.url.origin),
    value("n8n_webhook_url", "https://n8n.example.com/webhook"),
  ];
  node("Settings").parameters["assignments"] = { assignments };
  return { ...definition, name };
}

const formUrl = `${n8n.baseUrl}/form/${name}-new`;
const formStatus = async (headers: Record<string, string> = login) =>
  (await fetch(formUrl, { headers, signal: AbortSignal.timeout(10_000) })).status;

/** Fills in the form as a browser does, and answers the page that is shown at the end. */
async function submit(fields: readonly string[]): Promise<string> {
  const form = new FormData();
  for (const [index, value] of fields.entries()) form.set(`field-${index}`, value);
  const sent = await fetch(formUrl, { method: "POST", body: form, headers: login });
  const { formWaitingUrl } = z.object({ formWaitingUrl: z.url() }).parse(await sent.json());
  const waiting = new URL(formWaitingUrl);
  const status = new URL(waiting);
  status.pathname += "/n8n-execution-status";
  await until(
    async () => await (await fetch(status, { signal: AbortSignal.timeout(10_000) })).text(),
    (text) => text === "form-waiting" || text === "success",
  );
  return await (await fetch(waiting, { signal: AbortSignal.timeout(10_000) })).text();
}

interface How {
  messageId?: string;
  ageSeconds?: number;
  signed?: boolean;
  sent?: string;
}

async function callBack(text: string, { messageId, ageSeconds = 0, signed = true, sent = text }: How = {}) {
  const message = messageId ?? crypto.randomUUID();
  const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
  const content = Buffer.from(`${message}.${timestamp}.${text}`);
  const signature = sign(null, content, privateKey).toString("base64");
  const response = await fetch(`${n8n.baseUrl}/webhook/${name}-callback`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": message,
      "webhook-timestamp": timestamp,
      "webhook-signature": signed ? `v1,AAAA v1a,${signature}` : "v1,AAAA",
    },
    body: sent,
    signal: AbortSignal.timeout(30_000),
  });
  await response.text();
  return response.status;
}

const known = z.object({
  staticData: z
    .object({ global: z.object({ heard: z.array(z.string()), departments: z.record(z.string(), z.json()) }) })
    .nullable(),
});
const staticData = async () => known.parse(await n8n.api("GET", `/workflows/${id}`)).staticData?.global;

const event = (type: string, department: string, timestamp: string) =>
  JSON.stringify({
    type,
    timestamp,
    data: { department_id: department, department_name: "Ä 😀", run_status: "succeeded" },
  });

test("who has no password does not see the form", async () => {
  expect(await formStatus({})).toBe(401);
});

test("the form asks Federation for the department, once, with a key of its own and a place to call back", async () => {
  asked = [];
  const page = await submit(["={{ $env }} & Co", " hr ", "admin@example.com", '["email","calendar"]']);
  expect(page).toContain("hr will be live in a few minutes");
  expect(asked).toHaveLength(1);
  const [{ path, headers, text } = { path: "", headers: {}, text: "" }] = asked;
  expect(path).toBe("/api/v1/provision-department");
  expect(headers["authorization"]).toBe("Bearer operator-key");
  expect(headers["idempotency-key"]).toMatch(/^[\x21-\x7e]{10,255}$/);
  expect(provisionRequest.parse(JSON.parse(text))).toMatchObject({
    department_id: "hr",
    department_name: "={{ $env }} & Co",
    enabled_tools: ["email", "calendar"],
    custom_config: { callback_url: "https://n8n.example.com/webhook/federation-department-callback" },
  });
});

test("what Federation refuses is shown with its reason", async () => {
  const problem = {
    code: "invalid",
    detail: "The body does not fit.",
    errors: [{ path: "department_id", message: "is a reserved word" }],
  };
  refusal = problem;
  const page = await submit(["Admin", "admin", "admin@example.com", '["email"]']);
  refusal = undefined;
  expect(page).toContain("Nothing was made");
  expect(page).toContain("The body does not fit. | department_id is a reserved word");
});

test("a callback counts once, and only with a fresh signature of Federation over these very bytes", async () => {
  const text = event("department.provisioned", "hr", "2026-03-01T10:00:00.000Z");
  expect(await callBack(text, { signed: false })).toBe(500);
  expect(await callBack(text, { sent: `${text} ` })).toBe(500);
  expect(await callBack(text, { ageSeconds: 400 })).toBe(500);
  expect(await staticData()).toBeUndefined();
  expect(await callBack(text, { messageId: "m-1" })).toBe(200);
  expect(await callBack(text, { messageId: "m-1" })).toBe(200);
  expect(await staticData()).toEqual({
    heard: ["m-1"],
    departments: {
      hr: { type: "department.provisioned", run_status: "succeeded", at: "2026-03-01T10:00:00.000Z" },
    },
  });
});

test("an older message that comes later does not change what is known", async () => {
  expect(await callBack(event("department.provisioned", "sales", "2026-03-01T10:00:00.000Z"))).toBe(200);
  expect(await callBack(event("department.failed", "sales", "2026-03-01T09:00:00.000Z"))).toBe(200);
  expect((await staticData())?.departments["sales"]).toMatchObject({ type: "department.provisioned" });
});
