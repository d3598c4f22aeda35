import { afterEach, beforeEach, expect, test } from "bun:test";
import { WorkerStatus } from "@livekit/protocol";
import { type AgentUnderTest, runAgent, variablesFor } from "../agent/run-agent.ts";
import { startStubPlatform, type StubPlatform } from "../agent/stub-platform.ts";
import { voiceVariables } from "../agent/voice-variables.ts";
import { startStubLiveKit, type StubLiveKit } from "./stub-livekit.ts";

/** What a worker says when it drains; one that is full by its load says the load too. */
const saysFull = () =>
  livekit.statuses.some(({ status, load }) => status === WorkerStatus.WS_FULL && load === 0);

let platform: StubPlatform;
let livekit: StubLiveKit;
let agents: AgentUnderTest[];

beforeEach(() => {
  const { LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = voiceVariables();
  platform = startStubPlatform();
  livekit = startStubLiveKit({ apiKey, apiSecret });
  agents = [];
});

afterEach(async () => {
  for (const agent of agents) agent.kill("SIGKILL");
  await Promise.all(agents.map((agent) => agent.exitCode));
  await Promise.all([platform.close(), livekit.stop()]);
});

async function start(variables: Record<string, string> = {}): Promise<AgentUnderTest> {
  const agent = await runAgent({
    ...variablesFor(platform.url),
    ...voiceVariables(livekit.url),
    DRAIN_SECONDS: "20",
    ...variables,
  });
  agents.push(agent);
  return agent;
}

interface Report {
  status: string;
  checks: { voice: { ok: boolean; detail: string } };
}

async function untilHealth(agent: AgentUnderTest, fits: (report: Report) => boolean): Promise<Report> {
  for (;;) {
    const report = (await (await fetch(`${agent.url}/health`)).json()) as Report;
    if (fits(report)) return report;
    await Bun.sleep(50);
  }
}

const untilReady = (agent: AgentUnderTest) => untilHealth(agent, ({ status }) => status === "ready");

async function until(fits: () => boolean) {
  while (!fits()) await Bun.sleep(20);
}

test("the agent is ready only after LiveKit has registered it under its department's name", async () => {
  livekit.state.answersRegistration = false;
  const agent = await start();
  await until(() => livekit.registrations.length === 1);
  expect(livekit.registrations[0]).toMatchObject({ agentName: "dept-hr-ab12" });
  const waiting = await untilHealth(agent, ({ checks }) => checks.voice.detail !== "starting");
  expect(waiting).toMatchObject({ checks: { voice: { ok: false, detail: "not connected to LiveKit" } } });
  livekit.state.answersRegistration = true;
  expect(await untilReady(agent)).toMatchObject({ checks: { voice: { ok: true, detail: "connected" } } });
});

test("a wrong secret never becomes ready, and appears nowhere", async () => {
  const agent = await start({ LIVEKIT_API_SECRET: "canary-wrong-secret-0123456789abcdefgh" });
  await until(() => livekit.refused > 1);
  const report = await untilHealth(agent, ({ checks }) => checks.voice.detail !== "starting");
  expect(report.checks.voice.ok).toBe(false);
  expect(agent.output() + JSON.stringify(report)).not.toContain("canary");
});

test("a LiveKit that goes away makes the agent degraded until it is back", async () => {
  const agent = await start();
  await untilReady(agent);
  await livekit.stop();
  await untilHealth(agent, ({ status }) => status === "degraded");
  livekit.start();
  await untilReady(agent);
  expect(livekit.registrations.length).toBe(2);
});

test("it offers itself, and takes a job that it is offered", async () => {
  const agent = await start();
  await untilReady(agent);
  await until(() => livekit.statuses.length > 0);
  livekit.offerJob("job-1");
  await until(() => livekit.availabilities.length === 1);
  expect(livekit.availabilities[0]).toMatchObject({ jobId: "job-1", available: true });
});

test("a conversation that cannot begin is told in the log, without the room's token, and the worker goes on", async () => {
  const agent = await start();
  await untilReady(agent);
  livekit.offerJob("job-1");
  await until(() => agent.output().includes('"conversation failed","stage":"connecting"'));
  expect(agent.output()).not.toContain("room-token");
  livekit.offerJob("job-2");
  await until(() => livekit.availabilities.length === 2);
  expect(livekit.availabilities[1]?.available).toBe(true);
});

test("SIGTERM: full at once, drained, exit 0", async () => {
  const agent = await start();
  await untilReady(agent);
  agent.kill("SIGTERM");
  await until(saysFull);
  expect(await agent.exitCode).toBe(0);
  expect(agent.output()).toContain('"voice drained"');
  await expect(fetch(`${agent.url}/health`)).rejects.toThrow();
});

test("a conversation that goes on may end, and delays the exit no longer than DRAIN_SECONDS", async () => {
  // A room that takes the connection and never says a word.
  const room = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  try {
    livekit.state.roomUrl = `ws://127.0.0.1:${room.port}`;
    const agent = await start({ DRAIN_SECONDS: "2" });
    await untilReady(agent);
    livekit.offerJob("job-1");
    await until(() => livekit.availabilities.length === 1);
    agent.kill("SIGTERM");
    await until(saysFull);
    livekit.offerJob("job-2");
    await until(() => livekit.availabilities.length === 2);
    expect(livekit.availabilities[1]).toMatchObject({ jobId: "job-2", available: false });
    const draining = await untilHealth(agent, ({ checks }) => checks.voice.detail.startsWith("draining"));
    expect(draining).toMatchObject({ checks: { voice: { ok: false } } });
    expect(await agent.exitCode).toBe(0);
  } finally {
    room.stop(true);
  }
});
