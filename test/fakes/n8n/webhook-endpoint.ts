// /webhook/<path>. Nodes are not run: a probe is answered from the trigger's notes, anything else as started.
import type { IncomingHttpHeaders } from "node:http";
import { type Answer, ok } from "./answer.ts";
import { authorizeTrigger } from "./authorize-trigger.ts";
import { mcpTrigger, pathOf } from "./create-publisher.ts";
import type { Store } from "./store.ts";

export interface TriggerCall {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

export function answerWebhook(store: Store, call: TriggerCall): Answer {
  const path = pathOf(call.path);
  const registration = store.registered.get(`${call.method} ${path}`);
  if (!registration || registration.node.type === mcpTrigger) return notRegistered(call.method, path);
  if (registration.isBroken) return { status: 500, body: { code: 0, message: "Error in workflow" } };
  const refusal = authorizeTrigger(store, registration.node, call.headers);
  if (refusal) return refusal;
  const probe = call.body["federation_probe"];
  const notes = /^federation (\S+) (\S+) v(\d+)$/.exec(registration.node.notes ?? "");
  if (typeof probe !== "string" || !notes) return ok({ message: "Workflow was started" });
  const [, department, template, version] = notes;
  return ok({ federation: { department, template, version: Number(version), probe } });
}

export function notRegistered(method: string, path: string): Answer {
  const message = `The requested webhook "${method} ${path}" is not registered.`;
  return {
    status: 404,
    body: {
      code: 404,
      message,
      hint: "The workflow must be active for a production URL to run successfully.",
      stacktrace: `ResponseError: ${message}\n    at LiveWebhooks.findWebhook (live-webhooks.ts:283:10)`,
    },
  };
}
