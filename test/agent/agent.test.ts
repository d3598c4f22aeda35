import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { type AgentUnderTest, runAgent, variablesFor } from "./run-agent.ts";
import { startStubPlatform, type StubPlatform } from "./stub-platform.ts";

let platform: StubPlatform;
let agents: AgentUnderTest[];

beforeEach(() => {
  platform = startStubPlatform();
  agents = [];
});

afterEach(async () => {
  for (const agent of agents) agent.kill("SIGKILL");
  await Promise.all(agents.map((agent) => agent.exitCode));
  await platform.close();
});

async function start(variables: Record<string, string> = {}): Promise<AgentUnderTest> {
  const agent = await runAgent({ ...variablesFor(platform.url), ...variables });
  agents.push(agent);
  return agent;
}

test("health is ready only after a real token and a real call through the gateway", async () => {
  const agent = await start();
  const response = await fetch(`${agent.url}/health`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: "ready",
    release: "r1",
    checks: {
      token: { ok: true, scope: "self:check query" },
      gateway: { ok: true },
      tools: { ok: true },
      voice: { ok: true, detail: "off" },
    },
  });
  expect(platform.requests.map(({ path }) => path.split("/").at(-1))).toEqual(["token", "self-check"]);
});

test("health says which part failed: the token, then the gateway, and recovers", async () => {
  platform.state.tokenStatus = 401;
  const agent = await start();
  const refused = await fetch(`${agent.url}/health`);
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({
    status: "starting",
    checks: { token: { ok: false }, gateway: { ok: false } },
  });

  platform.state.tokenStatus = 200;
  platform.state.selfCheckStatus = 403;
  const half = await untilHealth(agent, (report) => report.checks.token.ok);
  expect(half).toMatchObject({ checks: { gateway: { ok: false, detail: "stub: refused" } } });

  platform.state.selfCheckStatus = 200;
  await untilHealth(agent, (report) => report.status === "ready");
  platform.state.selfCheckStatus = 500;
  await untilHealth(agent, (report) => report.status === "degraded");
});

test("a storm of probes reaches the platform once", async () => {
  const agent = await start();
  await Promise.all(Array.from({ length: 50 }, () => fetch(`${agent.url}/health`).then((res) => res.text())));
  expect(platform.requests.length).toBe(2);
});

test("health holds no secret, and the log neither", async () => {
  const agent = await start();
  const text = await (await fetch(`${agent.url}/health`)).text();
  await agent.callTool("search_documents", { query: "canary-query" });
  const seen = text + agent.output() + (await readFile(`/proc/${agent.pid}/cmdline`, "utf8").catch(() => ""));
  for (const secret of ["canary-key-secret", "the-bearer", "self:check query#", "canary-query"]) {
    expect(seen).not.toContain(secret);
  }
});

test("a tool asks the gateway about its own department and answers the result", async () => {
  const departmentId = Bun.randomUUIDv7();
  const agent = await start({ DEPARTMENT_ID: departmentId });
  const response = await agent.callTool("search_documents", {
    query: "leave",
    limit: 3,
    reason: "asked by Ada",
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    result: { results: [{ id: "1" }], results_count: 1, truncated: false, query_id: "q1" },
  });
  expect(platform.requests.at(-1)).toMatchObject({
    path: "/cross-dept/query",
    body: {
      target_department_id: departmentId,
      query_type: "search_documents",
      query_params: { query: "leave", limit: 3 },
      reason: "asked by Ada",
    },
  });
});

test("memory and context go to the department's own endpoints", async () => {
  const departmentId = Bun.randomUUIDv7();
  const agent = await start({ DEPARTMENT_ID: departmentId });
  await agent.callTool("put_context", { type: "call", key: "topic", value: { deep: [1] }, ttl_seconds: 60 });
  await agent.callTool("get_context", { type: "call", key: "topic" });
  await agent.callTool("remember", { category: "people", content: "Ada likes tea", importance: 7 });
  await agent.callTool("recall", { query: "tea", limit: 2 });
  const [, put, get, remember, recall] = platform.requests;
  const own = `/departments/${departmentId}`;
  const names = { type: "call", key: "topic" };
  expect(put).toMatchObject({ method: "PUT", path: `${own}/context`, query: names });
  expect(put?.body).toEqual({ value: { deep: [1] }, ttl_seconds: 60 });
  expect(get).toMatchObject({ method: "GET", path: `${own}/context`, query: names });
  expect(remember).toMatchObject({ method: "PUT", path: `${own}/memory`, body: { importance: 7 } });
  expect(recall).toMatchObject({ method: "GET", path: `${own}/memory`, query: { query: "tea", limit: "2" } });
});

test("a token from before the activation is exchanged once, without the caller noticing", async () => {
  platform.state.active = false;
  const agent = await start();
  await untilHealth(agent, (report) => report.status === "ready");
  platform.state.active = true;
  expect((await agent.callTool("search_documents", { query: "x" })).status).toBe(200);
  expect(platform.countOf("/token")).toBe(2);
  expect((await agent.callTool("search_documents", { query: "x" })).status).toBe(200);
  expect(platform.countOf("/token")).toBe(2);
});

test("what the platform refuses arrives as its own problem, its failures as 503", async () => {
  const agent = await start();
  platform.state.queryStatus = 422;
  const refused = await agent.callTool("search_documents", { query: "x" });
  expect(refused.status).toBe(422);
  expect(refused.headers.get("content-type")).toBe("application/problem+json");
  expect(await refused.json()).toMatchObject({ code: "invalid_query", status: 422 });
  platform.state.queryStatus = 500;
  const failed = await agent.callTool("search_documents", { query: "x" });
  expect(failed.status).toBe(503);
  expect(await failed.json()).toMatchObject({ code: "platform_unavailable" });
});

test("without the agent's bearer nothing but health answers", async () => {
  const agent = await start();
  for (const bearer of ["wrong", "", `${variablesFor("").AGENT_TOKEN}x`]) {
    expect((await agent.call("/tools", { bearer })).status).toBe(401);
    expect((await agent.call("/tools/search_documents", { method: "POST", bearer })).status).toBe(401);
  }
  expect((await fetch(`${agent.url}/tools`)).status).toBe(401);
  expect(platform.requests.length).toBe(0);
});

test("only tools of the enabled configuration exist", async () => {
  const agent = await start({ ENABLED_TOOLS: "contacts,vector_store" });
  const { tools } = (await (await agent.call("/tools")).json()) as {
    tools: { name: string; input: { type: string } }[];
  };
  expect(tools.map(({ name, input }) => [name, input.type])).toEqual([
    ["search_contacts", "object"],
    ["get_contact", "object"],
  ]);
  expect((await agent.callTool("search_documents", { query: "x" })).status).toBe(404);
  expect((await agent.callTool("constructor", {})).status).toBe(404);
  expect((await agent.call("/elsewhere")).status).toBe(404);
});

test("arguments that do not fit are named and go nowhere", async () => {
  const agent = await start();
  const response = await agent.callTool(
    "search_documents",
    JSON.parse('{"limit": 51, "sql": "x", "__proto__": {}}'),
  );
  expect(response.status).toBe(422);
  const { errors } = (await response.json()) as { errors: { path: string }[] };
  expect(errors.map(({ path }) => path).sort()).toEqual(["__proto__", "limit", "query", "sql"]);
  expect((await agent.callTool("search_documents", ["x"])).status).toBe(422);
  expect((await agent.callTool("get_document", { id: "../self-check" })).status).toBe(422);
  const post = (headers: Record<string, string>, body: string) =>
    agent.call("/tools/search_documents", { method: "POST", headers, body });
  expect((await post({ "content-type": "text/plain" }, "{}")).status).toBe(415);
  expect((await post({ "content-type": "application/json" }, "{")).status).toBe(400);
  expect(
    (await post({ "content-type": "application/json" }, JSON.stringify("x".repeat(1_048_576)))).status,
  ).toBe(413);
  expect(platform.requests.length).toBe(0);
});

test("SIGTERM lets a running call end, takes no new one and exits with 0", async () => {
  const agent = await start();
  await agent.callTool("search_documents", { query: "warm" });
  platform.state.delaySeconds = 0.5;
  const before = platform.requests.length;
  const running = agent.callTool("search_documents", { query: "slow" });
  while (platform.requests.length === before) await Bun.sleep(5);
  agent.kill("SIGTERM");
  expect((await running).status).toBe(200);
  expect(await agent.exitCode).toBe(0);
  await expect(fetch(`${agent.url}/health`)).rejects.toThrow();
});

test("a wrong environment ends the start with every problem and no value", async () => {
  const agent = await start({
    FEDERATION_URL: "ftp://x",
    AGENT_TOKEN: "canary",
    ENABLED_TOOLS: "email,shell",
    PORT: "x",
  });
  expect(await agent.exitCode).toBe(1);
  for (const name of ["FEDERATION_URL", "AGENT_TOKEN", "ENABLED_TOOLS"])
    expect(agent.output()).toContain(name);
  expect(agent.output()).not.toContain("canary");
});

interface Report {
  status: string;
  checks: Record<"token" | "gateway", { ok: boolean; detail: string }>;
}

async function untilHealth(agent: AgentUnderTest, fits: (report: Report) => boolean): Promise<Report> {
  for (;;) {
    const report = (await (await fetch(`${agent.url}/health`)).json()) as Report;
    if (fits(report)) return report;
    await Bun.sleep(20);
  }
}
