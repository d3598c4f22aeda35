import { afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { initializeLogger } from "@livekit/agents";
import { loadConfig } from "../../templates/agent/config.ts";
import { createRecorder, type Recorder } from "../../templates/agent/conversation/create-recorder.ts";
import { createMcp } from "../../templates/agent/mcp/create-mcp.ts";
import type { Mcp } from "../../templates/agent/mcp/mcp.ts";
import { createPlatform } from "../../templates/agent/platform.ts";
import { createTokenSource } from "../../templates/agent/token.ts";
import { enabledTools } from "../../templates/agent/tools/catalogue.ts";
import { createToolbox } from "../../templates/agent/tools/toolbox.ts";
import { type Conversation, createConversation } from "../../templates/agent/voice/create-conversation.ts";
import { createLlm } from "../../templates/agent/voice/models.ts";
import { variablesFor } from "../agent/run-agent.ts";
import { startStubMcp, type StubMcp } from "../agent/stub-mcp.ts";
import { startStubPlatform, type StubPlatform } from "../agent/stub-platform.ts";
import { voiceVariables } from "../agent/voice-variables.ts";
import { type ModelRequest, startStubModel, type StubModel } from "./stub-model.ts";

let platform: StubPlatform;
let workflows: StubMcp;
let model: StubModel;
let mcp: Mcp;
let recorder: Recorder;
let conversation: Conversation;

beforeAll(() => initializeLogger({ pretty: false, level: "silent" }));

/** The agent's real session, tools and model client; text stands for what is heard and spoken. */
beforeEach(async () => {
  platform = startStubPlatform();
  workflows = startStubMcp();
  model = startStubModel();
  const { voice, ...config } = loadConfig({
    ...variablesFor(platform.url),
    ...voiceVariables(undefined, model.url),
    MCP_URL: workflows.url,
    MCP_TOKEN: "mcp-token",
    AGENT_GREETING: "Good morning.",
  });
  if (!voice || !config.mcp) throw new Error("The variables are not complete.");
  const { departmentId } = config;
  const api = createPlatform({ config, token: createTokenSource(config), send: fetch });
  const tools = enabledTools(config.enabledTools);
  const log = () => {};
  mcp = createMcp(config.mcp);
  recorder = createRecorder({ departmentId, platform: api, log, backoffSeconds: 0.01 });
  conversation = await createConversation({
    config: { ...config, voice },
    models: { llm: createLlm(voice) },
    toolbox: createToolbox({ departmentId, platform: api, tools, mcp }),
    recorder,
    log,
    room: "room-1",
    participant: "ada",
  });
  await conversation.session.start({ agent: conversation.agent, record: false });
});

afterEach(async () => {
  await conversation.session.close();
  await mcp.close();
  await Promise.all([platform.close(), workflows.stop(), model.stop()]);
});

const say = async (userInput: string) => void (await conversation.session.run({ userInput }).wait());

const lastResult = (messages: ModelRequest["messages"]) => {
  const { content } = messages.findLast(({ role }) => role === "tool") ?? {};
  return typeof content === "string" ? content : JSON.stringify(content);
};

const idIn = (result: string) => /"confirmation_id":"([^"]+)"/.exec(result)?.[1] ?? "";

/** What the platform has got of one kind, the last state of each. */
function recordsOf(kind: string): Record<string, unknown>[] {
  const bodies = platform.requests.filter(({ path }) => path.endsWith(`/${kind}`)).map(({ body }) => body);
  const items = bodies.flatMap((body) => (body as { items: Record<string, unknown>[] }).items);
  const byId = new Map(items.map((item) => [item["call_id"] ?? item["id"], item]));
  return [...byId.values()];
}

test("the model sees the platform's tools, the workflows with their schemas, and the confirmation", async () => {
  model.replies.push(() => ({ text: "Hello." }));
  await say("Hello");
  const [asked] = model.requests;
  const named = new Map(asked?.tools.map((tool) => [tool.function.name, tool.function]));
  expect([...named.keys()]).toEqual(
    expect.arrayContaining(["search_documents", "get_contact", "create_event", "confirm_action"]),
  );
  expect(named.get("create_event")?.parameters).toMatchObject({
    properties: { title: { type: "string", description: "What it is about" } },
  });
  expect(named.get("create_event")?.description).toContain("Only proposes");
  expect(JSON.stringify(asked?.messages[0])).toContain("Human Resources");
});

test("a tool that reads runs in the same turn, and its result reaches the model", async () => {
  let result = "";
  model.replies.push(
    () => ({ tool: "search_documents", args: { query: "leave" } }),
    (messages) => {
      result = lastResult(messages);
      return { text: "There is one document." };
    },
  );
  await say("What do we have about leave?");
  expect(JSON.parse(result)).toMatchObject({ results: [{ id: "1" }] });
  expect(platform.countOf("/cross-dept/query")).toBe(1);
});

test("a tool that writes waits for a turn of the user: confirmed at once it is refused, after it runs once", async () => {
  const results: string[] = [];
  let id = "";
  const keep = (messages: ModelRequest["messages"]) => results.push(lastResult(messages));
  model.replies.push(
    () => ({ tool: "create_event", args: { title: "Party" } }),
    (messages) => {
      keep(messages);
      id = idIn(lastResult(messages));
      return { tool: "confirm_action", args: { confirmation_id: id } };
    },
    (messages) => {
      keep(messages);
      return { text: "Shall I create the event Party?" };
    },
  );
  await say("Plan a party");
  expect(results[0]).toContain('"executed":false');
  expect(results[1]).toContain("The user has not answered");
  expect(workflows.ran).toEqual([]);

  const confirm = () => ({ tool: "confirm_action", args: { confirmation_id: id } });
  model.replies.push(confirm, (messages) => {
    keep(messages);
    return { text: "Done." };
  });
  await say("Yes, please");
  expect(workflows.ran).toEqual([{ tool: "create_event", args: { title: "Party" } }]);
  expect(JSON.parse(results[2] ?? "")).toEqual({ created: "Party" });

  model.replies.push(confirm, (messages) => {
    keep(messages);
    return { text: "It is done already." };
  });
  await say("Again");
  expect(results[3]).toContain("only once");
  expect(workflows.ran.length).toBe(1);
});

test("what the assistant itself says is no turn of the user", async () => {
  let id = "";
  let result = "";
  model.replies.push(
    () => ({ tool: "create_event", args: { title: "Party" } }),
    (messages) => {
      id = idIn(lastResult(messages));
      return { text: "Shall I create the event Party?" };
    },
    () => ({ tool: "confirm_action", args: { confirmation_id: id } }),
    (messages) => {
      result = lastResult(messages);
      return { text: "I am waiting for your answer." };
    },
  );
  await say("Plan a party");
  await conversation.session.generateReply({ instructions: "Go on." }).waitForPlayout();
  expect(result).toContain("The user has not answered");
  expect(workflows.ran).toEqual([]);
});

test("the talk is on record: its session, what was said, what was run, what was never agreed to", async () => {
  model.replies.push(
    () => ({ tool: "search_documents", args: { query: "leave" } }),
    () => ({ tool: "create_event", args: { title: "Party" } }),
    () => ({ text: "Shall I?" }),
    () => ({ text: "All right, I will not." }),
  );
  await say("Find leave and plan a party");
  await say("No");
  await conversation.session.close();
  await recorder.flush(5);
  const [session] = recordsOf("sessions");
  expect(session).toMatchObject({ room: "room-1", participant: "ada", channel: "voice" });
  expect(session?.["ended_at"]).toBeString();
  expect(recordsOf("messages").map(({ role, text }) => [role, text])).toEqual([
    ["user", "Find leave and plan a party"],
    ["assistant", "Shall I?"],
    ["user", "No"],
    ["assistant", "All right, I will not."],
  ]);
  const calls = recordsOf("tool-calls");
  expect(calls.map(({ tool, status }) => [tool, status])).toEqual([
    ["search_documents", "COMPLETED"],
    ["create_event", "CANCELLED"],
  ]);
  const records = [...recordsOf("messages"), ...calls];
  expect(new Set(records.map(({ session_id }) => session_id))).toEqual(new Set([session?.["id"]]));
});

test("a platform that is away does not stop the talk", async () => {
  platform.state.tokenStatus = 500;
  let result = "";
  model.replies.push(
    () => ({ tool: "search_documents", args: { query: "leave" } }),
    (messages) => {
      result = lastResult(messages);
      return { text: "The documents cannot be reached now." };
    },
  );
  await say("What do we have about leave?");
  expect(result).toContain("gave no token");
  const last = conversation.session.history.items.findLast((item) => item.type === "message");
  expect(last?.type === "message" && last.textContent).toBe("The documents cannot be reached now.");
});

test("the greeting is said as it is written", async () => {
  conversation.greet();
  await conversation.session.waitForIdle();
  await conversation.session.close();
  await recorder.flush(5);
  expect(recordsOf("messages")).toMatchObject([{ role: "assistant", text: "Good morning." }]);
  expect(model.requests).toEqual([]);
});
