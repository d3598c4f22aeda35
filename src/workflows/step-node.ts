import type { JsonObject } from "../json.ts";
import type { DraftNode } from "./draft.ts";
import { readCode } from "./read-template.ts";
import type { Step, TemplateRequest } from "./template.ts";

const requestMs = 10_000;

/** The n8n node that does a step of a template. */
export function stepNode(step: Step): DraftNode {
  const { name } = step;
  if ("request" in step) return requestNode(name, step.request);
  if ("result" in step) return setNode(name, `$json.statusCode < 300 ? { result: ${step.result} } : $json`);
  if ("set" in step) return setNode(name, step.set);
  if ("test" in step) return testNode(name, step.test);
  if ("code" in step) return functionNode(name, step.code);
  return { name, ...step.node };
}

export const setNode = (name: string, expression: string): DraftNode => ({
  name,
  type: "n8n-nodes-base.set",
  typeVersion: 3.4,
  parameters: { mode: "raw", jsonOutput: `={{ ${expression} }}`, options: {} },
});

export const condition = (expression: string): JsonObject => ({
  options: { caseSensitive: true, leftValue: "", typeValidation: "strict", version: 2 },
  conditions: [
    {
      id: "condition",
      leftValue: `={{ ${expression} }}`,
      rightValue: "",
      operator: { type: "boolean", operation: "true", singleValue: true },
    },
  ],
  combinator: "and",
});

export const testNode = (name: string, expression: string): DraftNode => ({
  name,
  type: "n8n-nodes-base.if",
  typeVersion: 2.2,
  parameters: { conditions: condition(expression), options: {} },
});

export const codeNode = (name: string, jsCode: string): DraftNode => ({
  name,
  type: "n8n-nodes-base.code",
  typeVersion: 2,
  parameters: { jsCode },
});

/** Calls the function of a file with the item before it and a way to look at earlier nodes. */
function functionNode(name: string, file: string): DraftNode {
  const { text, functionName } = readCode(file);
  const call = `${functionName}($input.first().json, (node) => $(node).first().json)`;
  return codeNode(name, `${text}\nreturn [{ json: ${call} }];\n`);
}

/**
 * Every way out of a workflow: one attempt, a bounded wait, no redirect, any status an answer, a failed connection an
 * item with `error`.
 */
function requestNode(
  name: string,
  { to, method, url, query, headers, body, answer }: TemplateRequest,
): DraftNode {
  const isOurs = to === "federation";
  const token = "=Bearer {{ $('Access token').first().json.body.access_token }}";
  const sent = { ...headers, ...(!isOurs && { authorization: token }) };
  const parameters: JsonObject = {
    method,
    url: isOurs ? `{{federation:url}}/api/v1${url}` : url,
    ...(isOurs && { authentication: "genericCredentialType", genericAuthType: "httpBearerAuth" }),
    ...(query && { sendQuery: true, specifyQuery: "json", jsonQuery: `={{ JSON.stringify(${query}) }}` }),
    ...(Object.keys(sent).length > 0 && { sendHeaders: true, headerParameters: { parameters: pairs(sent) } }),
    ...(body && { sendBody: true, specifyBody: "json", jsonBody: `={{ ${body} }}` }),
    options: {
      timeout: requestMs,
      redirect: { redirect: { followRedirects: false } },
      response: { response: { fullResponse: true, neverError: true, responseFormat: answer } },
    },
  };
  return {
    name,
    type: "n8n-nodes-base.httpRequest",
    typeVersion: 4.2,
    parameters,
    onError: "continueRegularOutput",
    ...(isOurs && { credential: "api" as const }),
  };
}

const pairs = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
