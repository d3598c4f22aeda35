import { afterEach, beforeEach, expect, test } from "bun:test";
import { createMcp, type McpOptions } from "../../templates/agent/mcp/create-mcp.ts";
import type { Mcp } from "../../templates/agent/mcp/mcp.ts";
import { startStubMcp, type StubMcp } from "./stub-mcp.ts";

let server: StubMcp;
let nowMs: number;
let open: Mcp[];

beforeEach(() => {
  server = startStubMcp();
  nowMs = 0;
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((mcp) => mcp.close()));
  await server.stop();
});

function client(options: McpOptions = {}): Mcp {
  const mcp = createMcp({ url: server.url, token: "mcp-token" }, { nowMs: () => nowMs, ...options });
  open.push(mcp);
  return mcp;
}

const namesOf = (mcp: Mcp) => mcp.known().map(({ name }) => name);

test("workflows are listed with their JSON Schema as it came, and run with their arguments", async () => {
  const mcp = client();
  await mcp.refresh();
  expect(namesOf(mcp)).toEqual(["create_event", "search_documents", "fail"]);
  expect(mcp.known()[0]).toMatchObject({
    description: "Does create_event.",
    input: { type: "object", properties: { title: { type: "string", description: "What it is about" } } },
  });
  expect(await mcp.call("create_event", { title: "Party" })).toEqual({ created: "Party" });
  expect(server.ran).toEqual([{ tool: "create_event", args: { title: "Party" } }]);
});

test("a session that the server has forgotten is made anew, and the call runs once", async () => {
  const mcp = client();
  await mcp.call("create_event", { title: "before" });
  server.restart();
  expect(await mcp.call("create_event", { title: "after" })).toEqual({ created: "after" });
  expect(server.ran.length).toBe(2);
  expect(server.sessionsBegun()).toBe(2);
});

test("callers that come at once share one session and one list", async () => {
  const mcp = client();
  await Promise.all(Array.from({ length: 20 }, () => mcp.refresh()));
  await Promise.all(Array.from({ length: 5 }, () => mcp.call("create_event", { title: "x" })));
  expect(server.sessionsBegun()).toBe(1);
});

test("the list is asked for again when it is old, and the last one serves while nobody answers", async () => {
  const mcp = client({ freshSeconds: 10, retrySeconds: 1 });
  await mcp.refresh();
  server.state.extraTools.push("send_letter");
  server.restart();
  nowMs = 9_999;
  await mcp.refresh();
  expect(namesOf(mcp)).not.toContain("send_letter");
  nowMs = 10_000;
  await mcp.refresh();
  expect(namesOf(mcp)).toContain("send_letter");
  await server.stop();
  nowMs = 20_000;
  expect(await mcp.check()).toMatchObject({ ok: false });
  expect(namesOf(mcp)).toContain("send_letter");
  server.start();
  server.restart();
  nowMs = 21_000;
  expect(await mcp.check()).toEqual({ ok: true, detail: "4 tools" });
});

test("a call that gets no answer in time is not repeated, and says that its outcome is not known", async () => {
  const mcp = client({ callTimeoutSeconds: 0.1 });
  await mcp.refresh();
  server.state.delaySeconds = 0.3;
  await expect(mcp.call("create_event", { title: "slow" })).rejects.toMatchObject({
    status: 504,
    code: "mcp_timeout",
  });
  expect(server.ran.length).toBe(1);
});

test("a refused token is told without the token, and a new server with the right one is found again", async () => {
  server.state.token = "another";
  const mcp = client({ retrySeconds: 0 });
  expect(await mcp.check()).toEqual({ ok: false, detail: "The workflows refuse this agent's token." });
  await expect(mcp.call("create_event", { title: "x" })).rejects.toMatchObject({ code: "mcp_refused" });
  server.state.token = "mcp-token";
  expect(await mcp.check()).toMatchObject({ ok: true });
});

test("a workflow that fails is a problem with its own words; wrong arguments run nothing", async () => {
  const mcp = client();
  await expect(mcp.call("fail", {})).rejects.toMatchObject({
    code: "workflow_failed",
    message: "The calendar is full.",
  });
  await expect(mcp.call("create_event", { title: 7 })).rejects.toMatchObject({ name: "Problem" });
  expect(server.ran).toEqual([]);
});
