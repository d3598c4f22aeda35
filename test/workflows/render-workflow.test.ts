import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { toolNames } from "../../src/config-schema/department.ts";
import type { Json } from "../../src/json.ts";
import type { WorkflowNode } from "../../src/providers/n8n/n8n.ts";
import { fillPlaceholders } from "../../src/workflows/fill-placeholders.ts";
import { renderWorkflow, workflowKeys } from "../../src/workflows/render-workflow.ts";
import type { RenderedWorkflow, WorkflowContext } from "../../src/workflows/rendered-workflow.ts";
import { enabledTools as agentTools, isConfigTool } from "../../templates/agent/tools/catalogue.ts";

const folder = join(import.meta.dir, "../../templates/n8n");
const prefix = "Kx3-9_aZ27hd";

const context = (overrides: Partial<WorkflowContext> = {}): WorkflowContext => ({
  environment: "production",
  department: {
    id: "01890a5d-ac96-774b-bcce-b302099a8057",
    slug: "hr",
    name: "People",
    suffix: "abcdefghijkl",
  },
  federationUrl: "https://federation.example.com",
  pathPrefix: prefix,
  credentials: {
    api: { id: "apiId", name: "fed/api" },
    hook: { id: "hookId", name: "fed/hook" },
    mcp: { id: "mcpId", name: "fed/mcp" },
  },
  enabledTools: [...toolNames],
  ...overrides,
});

const named = (name: string) => context({ department: { ...context().department, name } });
const ids = Object.fromEntries(toolNames.map((name) => [name, `id0${name.replaceAll("_", "")}`]));
const renderAll = (ctx = context()): RenderedWorkflow[] =>
  workflowKeys(ctx.enabledTools).map((key) => renderWorkflow(key, ctx, ids));
const allNodes = (ctx = context()) => renderAll(ctx).flatMap(({ definition }) => definition.nodes);

const isTrigger = ({ type }: WorkflowNode) => /(webhook|mcpTrigger)$/.test(type);

/** Every text of a value, with the path to it. */
function leaves(value: Json, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, `${path}/${key}`));
}
const leavesOf = (node: WorkflowNode) => leaves(JSON.parse(JSON.stringify(node)) as Json, node.name);

describe("which workflows there are", () => {
  test("every file of templates/n8n is rendered for somebody, and nothing else is", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
    expect(files.map((name) => name.replace(".json", "")).sort()).toEqual(workflowKeys(toolNames).sort());
  });

  test("the MCP endpoint comes last, after all it calls", () => {
    expect(workflowKeys(["contacts", "email"])).toEqual([
      "email",
      "contacts",
      "session-summary",
      "callback",
      "mcp",
    ]);
  });

  test("every set of tools renders, and offers exactly the operations of its tools", () => {
    for (let bits = 1; bits < 2 ** toolNames.length; bits++) {
      const enabledTools = toolNames.filter((_, index) => (bits & (1 << index)) !== 0);
      const mcp = renderWorkflow("mcp", context({ enabledTools }), ids).definition;
      const called = mcp.nodes.flatMap(({ parameters }) =>
        leaves(parameters).filter(([path]) => path === "/workflowId/value"),
      );
      expect(new Set(called.map(([, id]) => id))).toEqual(
        new Set(enabledTools.map((name) => ids[name] ?? "")),
      );
    }
    expect(renderAll().length).toBe(toolNames.length + 3);
  });

  test("an endpoint whose tools are not there yet does not render", () => {
    expect(() => renderWorkflow("mcp", context(), {})).toThrow(TypeError);
  });

  test("a template that does not exist does not render", () => {
    for (const key of ["nothing", "../agent/package", "constructor", "__proto__"])
      expect(() => renderWorkflow(key, context(), ids)).toThrow();
  });
});

describe("what is rendered", () => {
  test("the same department renders to the same definition, another one to other ids", () => {
    expect(renderAll()).toEqual(renderAll());
    const other = context({ department: { ...context().department, suffix: "zzzzzzzzzzzz" } });
    const own = new Set(allNodes().map(({ id }) => id));
    expect(allNodes(other).filter(({ id }) => own.has(id))).toEqual([]);
  });

  test("no two nodes of a department share an id, no two of a workflow a name", () => {
    const nodes = allNodes();
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length);
    for (const { definition } of renderAll())
      expect(new Set(definition.nodes.map(({ name }) => name)).size).toBe(definition.nodes.length);
  });

  test("a workflow's name says installation, department and template", () => {
    const names = renderAll().map(({ definition }) => definition.name);
    expect(names).toEqual(workflowKeys(toolNames).map((key) => `fed/production/abcdefghijkl/${key}`));
  });

  test("every node that listens is behind a credential, below the department's path, and says what it is", () => {
    for (const { key, version, definition, entry } of renderAll()) {
      const listening = definition.nodes.filter(isTrigger);
      expect(listening.length).toBe(1);
      for (const { parameters, credentials, notes, webhookId } of listening) {
        expect(String(parameters["path"])).toBe(`${prefix}/${key}`);
        expect(entry.path).toBe(`${prefix}/${key}`);
        expect(["headerAuth", "bearerAuth"]).toContain(String(parameters["authentication"]));
        expect(Object.keys(credentials ?? {})).toHaveLength(1);
        expect(notes).toBe(`federation ${context().department.id} ${key} v${version}`);
        expect(webhookId).toBeString();
      }
    }
  });

  test("every credential is one of the department's, with its id", () => {
    const own = Object.values(context().credentials).map((one) => JSON.stringify(one));
    for (const { credentials = {} } of allNodes())
      for (const one of Object.values(credentials)) expect(own).toContain(JSON.stringify(one));
  });

  test("nothing of an execution is kept", () => {
    for (const { definition } of renderAll())
      expect(definition.settings).toMatchObject({
        saveDataSuccessExecution: "none",
        saveDataErrorExecution: "none",
        saveManualExecutions: false,
        saveExecutionProgress: false,
        executionTimeout: expect.any(Number),
      });
  });

  test("every call leaves for Federation with its key or for Google with a token, once, in bounded time, unredirected", () => {
    const calls = allNodes().filter(({ type }) => type === "n8n-nodes-base.httpRequest");
    expect(calls.length).toBeGreaterThan(20);
    for (const { parameters, credentials, onError } of calls) {
      const url = String(parameters["url"]);
      const isOurs = url.startsWith("https://federation.example.com/api/v1/");
      if (!isOurs) expect(url).toMatch(/^=?https:\/\/[a-z]+\.googleapis\.com\//);
      expect(credentials).toEqual(isOurs ? { httpBearerAuth: context().credentials.api } : undefined);
      expect(JSON.stringify(parameters).includes("access_token")).toBe(!isOurs);
      expect(parameters["options"]).toMatchObject({
        timeout: 10_000,
        redirect: { redirect: { followRedirects: false } },
      });
      expect(onError).toBe("continueRegularOutput");
    }
  });

  test("no code reaches out of n8n, and no node runs commands or reads files", () => {
    for (const { type, parameters } of allNodes()) {
      expect(type).not.toMatch(/executeCommand|readWriteFile|ssh|function(Item)?$/i);
      const code = String(parameters["jsCode"] ?? "");
      expect(code).not.toMatch(
        /\brequire\b|\bimport\b|\bfs\b|\bprocess\b|\bglobalThis\b|\beval\b|\bFunction\b|\bfetch\b/,
      );
    }
  });

  test("every node but a note leads somewhere or is the end, and is reached from a trigger", () => {
    for (const { definition } of renderAll()) {
      const targets = leaves(definition.connections).filter(([path]) => path.endsWith("/node"));
      const reached = new Set(targets.map(([, name]) => name));
      const left = definition.nodes.filter(({ name }) => definition.connections[name] !== undefined);
      const ends = definition.nodes.filter((node) => !left.includes(node)).map(({ name }) => name);
      expect(ends.sort()).toEqual(
        definition.name.endsWith("/mcp") ? ["About", "Federation"] : ["About", "Answer"],
      );
      if (definition.name.endsWith("/mcp")) continue;
      const starts = definition.nodes.filter(({ name }) => !reached.has(name)).map(({ name }) => name);
      expect(starts.sort()).toEqual(["About", "Webhook", "When called"]);
    }
  });

  test("no two nodes stand in the same place", () => {
    for (const { definition } of renderAll()) {
      const places = definition.nodes.map(({ position }) => position.join());
      expect(new Set(places).size).toBe(places.length);
    }
  });
});

describe("tools of the endpoint", () => {
  const tools = renderWorkflow("mcp", context(), ids).definition.nodes.filter(({ type }) =>
    type.endsWith("toolWorkflow"),
  );

  test("no two have the same name, and none has one of the agent's own", () => {
    const names = tools.map(({ name }) => name);
    const own = agentTools(toolNames.filter(isConfigTool));
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => own.has(name))).toEqual([]);
  });

  test("what only looks something up is named so, and everything that writes is not", () => {
    const reads = tools
      .map(({ name }) => name)
      .filter((name) => /^(search|get|list|read|download)_/.test(name));
    const writes = tools.map(({ name }) => name).filter((name) => !reads.includes(name));
    expect(writes.sort()).toEqual([
      "create_calendar_event", "create_contact", "put_assistant_context", "remember_fact", "send_mail",
      "update_calendar_event", "update_contact",
    ]); // prettier-ignore
  });

  test("each says what it does and hands over its own operation", () => {
    for (const { name, parameters } of tools) {
      expect(String(parameters["description"]).length).toBeGreaterThan(20);
      expect(leaves(parameters).filter(([path]) => path === "/workflowInputs/value/operation")).toEqual([
        ["/workflowInputs/value/operation", name],
      ]);
    }
  });
});

describe("somebody else's words", () => {
  const hostile = [
    "={{ $env }}", "{{ $json }}", "=1+1", "'\"`", "a\nb\r\nc", "\\", "{{constructor}}", "__proto__", "$&$1$`",
    "{{federation:department.id}}", "$fromAI('x', 'y', 'string')", "}} {{ $env", "😀".repeat(200),
  ]; // prettier-ignore

  test.each(hostile)("%j stays a text that n8n shows and never evaluates", (name) => {
    const plain = allNodes(named("PLAIN NAME"));
    const nodes = allNodes(named(name));
    let shown = 0;
    for (const [index, node] of nodes.entries()) {
      const before = leavesOf(plain[index] ?? node);
      for (const [at, [path, text]] of leavesOf(node).entries()) {
        const was = before[at]?.[1] ?? "";
        expect(before[at]?.[0]).toBe(path);
        expect(text).toBe(was.replaceAll("PLAIN NAME", () => name));
        if (text === was) continue;
        shown++;
        expect(path).toMatch(/^(About\/parameters\/content|Federation\/parameters\/instructions)$/);
        expect(text).not.toStartWith("=");
      }
    }
    expect(shown).toBe(toolNames.length + 4);
  });

  const values = { tokens: { id: "a1" }, texts: { name: "={{ $env }}" } };
  const sticky = "n8n-nodes-base.stickyNote";

  test("a placeholder that nobody knows is refused", () => {
    for (const name of ["x", "constructor", "__proto__", "toString", " id", ""])
      expect(() => fillPlaceholders(sticky, { content: `a {{federation:${name}}}` }, values)).toThrow(
        "unknown placeholder",
      );
    for (const text of ["{{federation", "{{federation:a{b}}", "{{federationid}}"])
      expect(() => fillPlaceholders(sticky, { content: `a ${text}` }, values)).toThrow("does not read");
  });

  test("a text is refused wherever n8n could evaluate it", () => {
    const fill = (type: string, parameters: Record<string, Json>) => () =>
      fillPlaceholders(type, parameters, values);
    expect(fill(sticky, { content: "Name: {{federation:name}}" })()).toEqual({
      content: "Name: ={{ $env }}",
    });
    for (const [type, parameters] of [
      [sticky, { content: "={{ '{{federation:name}}' }}" }],
      [sticky, { content: "{{federation:name}}" }],
      [sticky, { deep: { content: "Name: {{federation:name}}" } }],
      ["n8n-nodes-base.set", { content: "Name: {{federation:name}}" }],
      ["n8n-nodes-base.code", { jsCode: "Name: {{federation:name}}" }],
    ] as const)
      expect(fill(type, parameters)).toThrow("would be evaluated");
  });

  test("names of parameters are never filled in", () => {
    const parameters = { "{{federation:id}}": "{{federation:id}}" };
    expect(fillPlaceholders(sticky, parameters, values)).toEqual({ "{{federation:id}}": "a1" });
  });

  test("a path, an address or an id that could break out of an expression is refused", () => {
    for (const bad of ["", "a'b", "a b", "{{x}}", "=a", "a\n", "a`b", "a\\b"]) {
      expect(() => renderAll(context({ pathPrefix: bad }))).toThrow(TypeError);
      expect(() => renderAll(context({ federationUrl: bad }))).toThrow(TypeError);
      const department = { ...context().department, id: bad };
      expect(() => renderAll(context({ department }))).toThrow(TypeError);
    }
  });
});
