import type { JsonObject } from "../json.ts";
import { aboutNode } from "./about-node.ts";
import type { Draft, DraftNode } from "./draft.ts";
import { readCode } from "./read-template.ts";
import { codeNode, condition, setNode, stepNode, testNode } from "./step-node.ts";
import type { Argument, Operation, Step, WorkflowTemplate } from "./template.ts";

/**
 * A template with what every workflow has around its work:
 * Webhook → Probe? → Check ← When called; then Valid? → [Access token] → Operation → the template's steps → Outcome →
 * Answer. A probe is answered before anything else happens. `Answer` is also the last node when another workflow calls,
 * which gets what it answers.
 */
export function frameWorkflow(template: WorkflowTemplate): Draft {
  const { operations, steps, google } = template;
  const work: Step[] = google ? [...accessToken, ...steps] : steps;
  return {
    nodes: [
      aboutNode(template),
      webhook(template),
      called(operations),
      testNode("Probe?", "$json.body?.federation_probe !== undefined"),
      setNode("Probe answer", probeAnswer(template)),
      check(operations),
      testNode("Valid?", "$json.refused === undefined"),
      operationSwitch(operations),
      ...work.map(stepNode),
      setNode("Outcome", outcome),
      answer,
    ],
    links: {
      Webhook: ["Probe?"],
      "When called": ["Check"],
      "Probe?": ["Probe answer", "Check"],
      "Probe answer": ["Answer"],
      Check: ["Valid?"],
      "Valid?": [google ? "Access token" : "Operation", "Outcome"],
      Operation: operations.map(({ first }) => first),
      ...Object.fromEntries(work.map(({ name, next }) => [name, next])),
      Outcome: ["Answer"],
    },
    linkType: "main",
  };
}

/** Asked for anew each time; the token is nowhere but in the running execution, which is not saved. */
const accessToken: Step[] = [
  {
    name: "Access token",
    request: { to: "federation", method: "POST", url: "/oauth/google/token", headers: {}, answer: "json" },
    next: ["Token?"],
  },
  { name: "Token?", test: "$json.statusCode === 200", next: ["Operation", "Outcome"] },
];

const webhook = ({ template, version }: WorkflowTemplate): DraftNode => ({
  name: "Webhook",
  type: "n8n-nodes-base.webhook",
  typeVersion: 2,
  parameters: {
    httpMethod: "POST",
    path: `{{federation:prefix}}/${template}`,
    authentication: "headerAuth",
    responseMode: "responseNode",
    options: {},
  },
  credential: "hook",
  notes: `federation {{federation:department.id}} ${template} v${version}`,
  isWebhook: true,
});

function called(operations: Operation[]): DraftNode {
  const inputs = new Map<string, string>([["operation", "string"]]);
  for (const { name, type } of operations.flatMap((operation) => operation.arguments)) {
    if ((inputs.get(name) ?? type) !== type) throw new TypeError(`templates/n8n: ${name} has two types`);
    inputs.set(name, type);
  }
  return {
    name: "When called",
    type: "n8n-nodes-base.executeWorkflowTrigger",
    typeVersion: 1.1,
    parameters: { workflowInputs: { values: [...inputs].map(([name, type]) => ({ name, type })) } },
  };
}

function probeAnswer({ template, version }: WorkflowTemplate): string {
  const fields = `department: '{{federation:department.id}}', template: '${template}', version: ${version}`;
  return `{ federation: { ${fields}, probe: $json.body.federation_probe } }`;
}

function check(operations: Operation[]): DraftNode {
  const { text, functionName } = readCode("check-arguments");
  const rules: JsonObject = Object.fromEntries(
    operations.map(({ name, arguments: list }) => [name, list.map(ruleOf)]),
  );
  const call = `${functionName}(operations, $input.first().json)`;
  return codeNode(
    "Check",
    `const operations = ${JSON.stringify(rules)};\n${text}\nreturn [{ json: ${call} }];\n`,
  );
}

/** What the check needs of an argument: not the words for people and models. */
const ruleOf = (rule: Argument): JsonObject =>
  Object.fromEntries(
    Object.entries(rule).flatMap(([name, value]) =>
      name === "description" || value === undefined ? [] : [[name, value]],
    ),
  );

const operationSwitch = (operations: Operation[]): DraftNode => ({
  name: "Operation",
  type: "n8n-nodes-base.switch",
  typeVersion: 3.2,
  parameters: {
    rules: {
      values: operations.map(({ name }) => ({
        conditions: condition(`$('Check').first().json.operation === '${name}'`),
        renameOutput: true,
        outputKey: name,
      })),
    },
    options: {},
  },
});

/** A result, a refusal of ours, an RFC 9457 problem of Federation, an error of Google, or no answer at all. */
const outcome = `(() => {
  if ($json.result !== undefined) return { result: $json.result };
  if ($json.refused !== undefined) return { error: $json.refused };
  if ($json.statusCode === undefined) {
    const late = /timeout|ABORTED/i.test([$json.error?.code, $json.error?.message].join(' '));
    return { error: { code: late ? 'timeout' : 'unreachable', message: 'No answer: it is not known whether it was done.' } };
  }
  let body = $json.body ?? $json.data;
  if (typeof body === 'string') { try { body = JSON.parse(body); } catch (error) { body = {}; } }
  if (typeof body?.code === 'string') return { error: { code: body.code, message: body.detail ?? body.code } };
  const code = 'google_' + String(body?.error?.status ?? $json.statusCode).toLowerCase();
  return { error: { code, message: body?.error?.message ?? 'The answer was status ' + $json.statusCode + '.' } };
})()`;

/** Codes of our own; every other one comes from Federation, from Google or from the way there. */
const refusals = ["invalid_arguments", "not_found", "nothing_to_summarise", "too_large", "unsupported_type"];

const answer: DraftNode = {
  name: "Answer",
  type: "n8n-nodes-base.respondToWebhook",
  typeVersion: 1.1,
  parameters: {
    respondWith: "firstIncomingItem",
    options: {
      responseCode: `={{ $json.error === undefined ? 200 : ${JSON.stringify(refusals)}.includes($json.error.code) ? 422 : 502 }}`,
    },
  },
};
