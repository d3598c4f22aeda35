import type { IncomingHttpHeaders } from "node:http";
import type { WorkflowNode } from "../../../src/providers/n8n/n8n.ts";
import type { Answer } from "./answer.ts";
import type { Store } from "./store.ts";

/** The refusal of a caller that does not know the secret of the trigger's credential. */
export function authorizeTrigger(
  store: Store,
  { parameters, credentials = {} }: WorkflowNode,
  headers: IncomingHttpHeaders,
): Answer | undefined {
  const kind = { headerAuth: "httpHeaderAuth", bearerAuth: "httpBearerAuth" }[
    String(parameters["authentication"])
  ];
  if (kind === undefined) return undefined;
  const data = store.credentials.get(credentials[kind]?.id ?? "")?.data;
  if (!data) return { status: 500, body: "No authentication data defined on node!" };
  const [name, value] =
    kind === "httpHeaderAuth"
      ? [String(data["name"]).toLowerCase(), data["value"]]
      : ["authorization", `Bearer ${String(data["token"])}`];
  if (value === undefined || name === "undefined") {
    return { status: 500, body: "No authentication data defined on node!" };
  }
  return headers[name] === value ? undefined : { status: 403, body: "Authorization data is wrong!" };
}
