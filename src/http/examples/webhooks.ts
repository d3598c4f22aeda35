import { type Examples, page } from "./example.ts";
import { accepted, earlier, later, object, session } from "./names.ts";

const endpoint = {
  id: object,
  kind: "endpoint",
  department_id: "hr",
  format: "standard",
  url: "https://hooks.example.org/federation",
  description: "the intranet",
  types: ["department.provisioned", "department.failed"],
  status: "active",
  off_reason: null,
  failing_since: null,
  created_at: earlier,
};
const wanted = {
  url: "https://hooks.example.org/federation",
  types: ["department.provisioned", "department.failed"],
  description: "the intranet",
};
const delivery = {
  id: object,
  event_id: session,
  type: "webhook.test",
  status: "waiting",
  attempts: 0,
  next_attempt_at: later,
  last_attempt_at: null,
  last_status: null,
  last_error: null,
  created_at: earlier,
};
const source = {
  id: object,
  name: "n8n of HR",
  member_id: null,
  department_id: "hr",
  events: ["tool_result"],
  status: "active",
  url: `https://federation.example.com/api/v1/webhooks/n8n?source=${object}`,
  created_at: earlier,
};
const secret = "whsec_…";

export const webhooks: Examples = {
  listWebhookEndpoints: { answers: { 200: page(endpoint) } },
  createWebhookEndpoint: {
    body: { ...wanted, format: "standard", department_id: "hr" },
    answers: { 201: { ...endpoint, secret } },
  },
  showWebhookEndpoint: { answers: { 200: endpoint } },
  changeWebhookEndpoint: {
    body: { ...wanted, status: "off" },
    answers: { 200: { ...endpoint, status: "off", off_reason: "by_hand" } },
  },
  rotateWebhookEndpointSecret: { answers: { 200: { ...endpoint, secret } } },
  testWebhookEndpoint: { answers: { 202: delivery } },
  listWebhookDeliveries: {
    answers: {
      200: page({
        ...delivery,
        status: "delivered",
        attempts: 1,
        next_attempt_at: null,
        last_attempt_at: later,
        last_status: 204,
      }),
    },
  },
  redeliverWebhook: { answers: { 202: delivery } },
  listWebhookSources: { answers: { 200: page(source) } },
  createWebhookSource: {
    body: { name: "n8n of HR", events: ["tool_result"], department_id: "hr" },
    answers: { 201: { ...source, secret } },
  },
  rotateWebhookSourceSecret: { answers: { 200: { ...source, secret } } },
  receiveWebhook: {
    body: {
      type: "tool_result",
      data: {
        call_id: "c-1",
        tool: "calendar",
        session_id: session,
        result: { free: true },
        status: "COMPLETED",
      },
    },
    answers: { 200: { call_id: "c-1", recorded: true }, 202: accepted("provisioning") },
  },
};
