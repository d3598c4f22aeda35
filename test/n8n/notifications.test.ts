import { afterAll, beforeAll, expect, test } from "bun:test";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { type World, webhookWorld } from "../webhooks/world.ts";
import { realN8n, until } from "./real-n8n.ts";

const taken = z.object({ raw: z.string(), headers: z.record(z.string(), z.string()) });
const item = z.object({ json: taken });
const execution = z.object({
  status: z.literal("success"),
  data: z.object({
    resultData: z.object({
      runData: z.object({
        Take: z.tuple([z.object({ data: z.object({ main: z.tuple([z.tuple([item])]) }) })]),
      }),
    }),
  }),
});

let n8n: ReturnType<typeof realN8n>;
let world: World;
beforeAll(async () => {
  n8n = realN8n();
  world = await webhookWorld();
}, 120_000);
afterAll(async () => {
  await n8n.close();
  await world.close();
}, 60_000);

const code = `
const raw = (await this.helpers.getBinaryDataBuffer(0, "data")).toString();
return [{ json: { raw, headers: $input.first().json.headers } }];`;

/** The Webhook node of docs/guides/notifications.md, and behind it what a Code node gets of it. */
function listen(path: string): Promise<string> {
  const node = { typeVersion: 2, position: [0, 0] as [number, number] };
  const webhook = { path, httpMethod: "POST", responseMode: "onReceived", options: { rawBody: true } };
  return n8n.createWorkflow({
    name: path,
    nodes: [
      {
        ...node,
        id: crypto.randomUUID(),
        name: "Webhook",
        type: "n8n-nodes-base.webhook",
        webhookId: path,
        parameters: webhook,
      },
      {
        ...node,
        id: crypto.randomUUID(),
        name: "Take",
        type: "n8n-nodes-base.code",
        parameters: { mode: "runOnceForAllItems", jsCode: code },
      },
    ],
    connections: { Webhook: { main: [[{ node: "Take", type: "main", index: 0 }]] } },
    settings: { executionOrder: "v1", saveDataSuccessExecution: "all" },
  });
}

test("a Webhook node that keeps the raw body gets an alert that verifies with the endpoint's secret", async () => {
  const path = `notifications-${crypto.randomUUID()}`;
  const workflow = await listen(path);
  // It is registered a moment after it was published; until then n8n does not know the path.
  await until(
    () => fetch(`${n8n.baseUrl}/webhook/${path}`, { method: "POST", body: "{}" }),
    ({ status }) => status === 200,
  );
  const body = { url: `${n8n.baseUrl}/webhook/${path}`.replace("127.0.0.1", "n8n.test") };
  const { json } = await world.edge.call("POST", "/api/v1/webhook-endpoints", {
    key: world.edge.adminKey,
    body,
  });
  world.start();
  await world.emit("alert.fired", undefined, { name: "queue_old", summary: "It waits." });
  const found = await until(
    async () => {
      const executions = await n8n.api("GET", `/executions?workflowId=${workflow}&includeData=true`);
      const { data } = z.object({ data: z.array(z.unknown()) }).parse(executions);
      const items = data.flatMap((one) => {
        const { success, data: known } = execution.safeParse(one);
        return success ? [known.data.resultData.runData.Take[0].data.main[0][0].json] : [];
      });
      return items.find(({ headers }) => headers["webhook-id"] !== undefined);
    },
    (message) => message !== undefined,
  );
  const { raw, headers } = taken.parse(found);
  expect(new Webhook(json.secret).verify(raw, headers)).toMatchObject({
    type: "alert.fired",
    data: { name: "queue_old", summary: "It waits." },
  });
}, 240_000);
