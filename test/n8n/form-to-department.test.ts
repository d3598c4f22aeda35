// The example form on a real n8n, against a real installation: from the form to the callback.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";
import type { WorkflowDefinition } from "../../src/providers/n8n/n8n.ts";
import { randomSlug } from "../crash/department.ts";
import { lookForDrift } from "../helpers/look-for-drift.ts";
import { type ProvisionWorld, provisionWorld } from "./provision-world.ts";
import { realN8n, until } from "./real-n8n.ts";

const file = join(import.meta.dir, "../../examples/n8n/provision-from-form.json");
const name = `workflows-form-${crypto.randomUUID().slice(0, 8)}`;
const login = { authorization: `Basic ${btoa("operator:word")}` };
const n8n = realN8n();
const known = z.object({
  staticData: z
    .object({ global: z.object({ departments: z.record(z.string(), z.looseObject({ type: z.string() })) }) })
    .nullable(),
});

let world: ProvisionWorld;
let id: string;
beforeAll(async () => {
  world = await provisionWorld({ OUTBOUND_ALLOW: "127.0.0.1" });
  const basic = { id: `wf${name.slice(-8)}b`, name: `${name} basic` };
  const bearer = { id: `wf${name.slice(-8)}k`, name: `${name} key` };
  await n8n.createCredential({
    ...basic,
    type: "httpBasicAuth",
    data: { user: "operator", password: "word" },
  });
  await n8n.createCredential({ ...bearer, type: "httpBearerAuth", data: { token: world.at.key.reveal() } });
  id = await n8n.createWorkflow(await imported(basic, bearer));
  await until(
    async () => (await fetch(formUrl, { headers: login })).status,
    (status) => status !== 404,
  );
}, 120_000);
afterAll(async () => {
  await n8n.close();
  await world.close();
}, 120_000);

const formUrl = `${n8n.baseUrl}/form/${name}-new`;
type Chosen = { id: string; name: string };

/** The file as somebody imports it, with paths of this test. */
async function imported(basic: Chosen, bearer: Chosen): Promise<WorkflowDefinition> {
  const definition: WorkflowDefinition = await Bun.file(file).json();
  const node = (wanted: string) => {
    const found = definition.nodes.find((one) => one.name === wanted);
    if (!found) throw new Error(`there is no node ${wanted}`);
    return found;
  };
  node("New department").credentials = { httpBasicAuth: basic };
  node("New department").parameters["options"] = { path: `${name}-new` };
  node("Provision").credentials = { httpBearerAuth: bearer };
  const callback = node("Callback").parameters;
  callback["path"] = `${name}/${String(callback["path"])}`;
  const value = (field: string, text: string) => ({ id: field, name: field, type: "string", value: text });
  const assignments = [
    value("federation_url", world.at.url),
    value("n8n_webhook_url", `${n8n.baseUrl}/webhook/${name}`),
  ];
  node("Settings").parameters["assignments"] = { assignments };
  return { ...definition, name };
}

test("a form filled in makes a department with workflows, and n8n hears from Federation that it is live", async () => {
  const slug = randomSlug();
  const form = new FormData();
  const fields = ["={{ $env }} & Co", slug, "admin@example.com", '["database"]'];
  for (const [index, value] of fields.entries()) form.set(`field-${index}`, value);
  expect((await fetch(formUrl, { method: "POST", body: form, headers: login })).status).toBe(200);
  const shown = () => world.at.client.get(`/departments/${slug}`).catch(() => ({ status: "absent" }));
  const department = await until(shown, ({ status }) => status === "active");
  expect(department).toMatchObject({ name: "={{ $env }} & Co" });
  expect(await lookForDrift(world.at, slug)).toMatchObject({ in_sync: true });
  const heard = async () =>
    known.parse(await n8n.api("GET", `/workflows/${id}`)).staticData?.global.departments[slug]?.type;
  expect(await until(heard, (type) => type !== undefined)).toBe("department.provisioned");
  await world.deprovision(slug);
}, 180_000);
