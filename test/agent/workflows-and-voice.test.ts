import { afterEach, beforeEach, expect, test } from "bun:test";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentDirectory, type AgentUnderTest, runAgent, variablesFor } from "./run-agent.ts";
import { startStubMcp, type StubMcp } from "./stub-mcp.ts";
import { startStubPlatform, type StubPlatform } from "./stub-platform.ts";
import { voiceVariables } from "./voice-variables.ts";

let platform: StubPlatform;
let mcp: StubMcp;
let agents: AgentUnderTest[];

beforeEach(() => {
  platform = startStubPlatform();
  mcp = startStubMcp();
  agents = [];
});

afterEach(async () => {
  for (const agent of agents) agent.kill("SIGKILL");
  await Promise.all(agents.map((agent) => agent.exitCode));
  await Promise.all([platform.close(), mcp.stop()]);
});

async function start(variables: Record<string, string>, directory?: string): Promise<AgentUnderTest> {
  const agent = await runAgent({ ...variablesFor(platform.url), ...variables }, directory);
  agents.push(agent);
  return agent;
}

const withWorkflows = () => start({ MCP_URL: mcp.url, MCP_TOKEN: "mcp-token" });

interface Report {
  status: string;
  checks: { mcp?: { ok: boolean; detail: string }; voice: { ok: boolean; detail: string } };
}

const healthOf = async (agent: AgentUnderTest) =>
  (await (await fetch(`${agent.url}/health`)).json()) as Report;

async function untilHealth(agent: AgentUnderTest, fits: (report: Report) => boolean): Promise<Report> {
  for (;;) {
    const report = await healthOf(agent);
    if (fits(report)) return report;
    await Bun.sleep(20);
  }
}

test("workflows stand beside the platform's tools, whose names win", async () => {
  const agent = await withWorkflows();
  const { tools } = (await (await agent.call("/tools")).json()) as {
    tools: { name: string; input: object }[];
  };
  expect(tools.filter(({ name }) => name === "search_documents").length).toBe(1);
  expect(tools.find(({ name }) => name === "create_event")?.input).toMatchObject({
    properties: { title: { type: "string", description: "What it is about" } },
    required: ["title"],
  });
  const created = await agent.callTool("create_event", { title: "Party" });
  expect(await created.json()).toEqual({ result: { created: "Party" } });
  await agent.callTool("search_documents", { query: "x" });
  expect(mcp.ran.map(({ tool }) => tool)).toEqual(["create_event"]);
  expect(platform.requests.at(-1)?.path).toBe("/cross-dept/query");
});

test("the agent is ready only while its workflows answer", async () => {
  const agent = await withWorkflows();
  expect(await healthOf(agent)).toMatchObject({ status: "ready", checks: { mcp: { ok: true } } });
  await agent.callTool("create_event", { title: "x" });
  await mcp.stop();
  expect((await agent.callTool("create_event", { title: "x" })).status).toBe(503);
  const away = await untilHealth(agent, ({ status }) => status !== "ready");
  expect(away).toMatchObject({
    status: "degraded",
    checks: { mcp: { ok: false, detail: "The workflows do not answer." } },
  });
  expect((await agent.callTool("search_documents", { query: "x" })).status).toBe(200);
  mcp.start();
  mcp.restart();
  await untilHealth(agent, ({ status }) => status === "ready");
});

test("without workflows there is no such check, and nothing of theirs in the list of tools", async () => {
  const agent = await start({});
  expect((await healthOf(agent)).checks.mcp).toBeUndefined();
});

test("no log and no health report holds the token of the workflows", async () => {
  mcp.state.token = "another";
  const agent = await start({ MCP_URL: mcp.url, MCP_TOKEN: "canary-mcp-token" });
  const report = JSON.stringify(await untilHealth(agent, ({ checks }) => checks.mcp?.ok === false));
  await agent.callTool("create_event", { title: "x" });
  expect(report + agent.output()).not.toContain("canary");
});

test("voice without its packages is told by health, and everything else serves", async () => {
  const directory = await mkdtemp(join(tmpdir(), "federation-agent-"));
  try {
    const filter = (path: string) => !path.includes("node_modules");
    await cp(agentDirectory, directory, { recursive: true, filter });
    const agent = await start(voiceVariables(), directory);
    const report = await untilHealth(agent, ({ checks }) => checks.voice.detail !== "starting");
    expect(report.checks.voice).toEqual({ ok: false, detail: "its packages are not installed" });
    expect((await agent.callTool("search_documents", { query: "x" })).status).toBe(200);
    agent.kill("SIGTERM");
    expect(await agent.exitCode).toBe(0);
    expect(agent.output()).not.toContain("canary");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
