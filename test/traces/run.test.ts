import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { provision, untilRun } from "../crash/department.ts";
import { killAt } from "../crash/kill-at.ts";
import { addTool, submitUpgrade } from "../crash/upgrade.ts";
import { type Installation, startInstallation, until } from "../helpers/installation.ts";
import { type CollectedSpan, type Collector, startCollector } from "./collector.ts";

const headerToken = "collector-token-that-nobody-sees";
const foreign = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
let collector: Collector;
let at: Installation;
beforeAll(async () => {
  collector = startCollector();
  at = await startInstallation({
    workers: 2,
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `x-collector-token=${headerToken}`,
    },
  });
});
afterAll(async () => {
  await at.close();
  await collector.close();
});

const parentOf = (span: CollectedSpan) =>
  collector.find(`the parent of ${span.name}`, (one) => one.spanId === span.parentSpanId);
const stepOf = (run: string, step: string) =>
  collector.find(
    `the step ${step}`,
    (one) => one.name === `step ${step}` && one.attributes["federation.run"] === run,
  );

/** From a span up to the one that has no parent here. */
async function lineOf(span: CollectedSpan): Promise<CollectedSpan[]> {
  const above = span.parentSpanId && span.parentSpanId !== foreign.spanId ? await parentOf(span) : undefined;
  return above ? [span, ...(await lineOf(above))] : [span];
}

test("a provisioning is one trace: request, run, step, call of a provider, across web and worker", async () => {
  const { id } = await provision(at);
  const step = await stepOf(id, "verify");
  const call = await collector.find("a call", (one) => one.kind === 3 && one.parentSpanId === step.spanId);
  const line = await lineOf(call);
  expect(line.map(({ name }) => name)).toEqual([
    "GET agent",
    "step verify",
    "run provision",
    "submit provision",
    "POST /api/v1/provision-department",
  ]);
  expect(new Set(line.map(({ traceId }) => traceId)).size).toBe(1);
  expect(line.map(({ service }) => service)).toEqual([
    ...Array.from({ length: 3 }, () => "federation-worker"),
    ...Array.from({ length: 2 }, () => "federation-web"),
  ]);
  expect(call.attributes).toMatchObject({ "http.response.status_code": 200, "server.address": "127.0.0.1" });
  expect(step.attributes).toMatchObject({ "federation.attempt": 1, "federation.outcome": "done" });
  expect(collector.tokens).toEqual(new Set([headerToken]));
});

test("the steps that another worker does after a takeover hang below the same request", async () => {
  const department = await provision(at);
  await addTool(at, department.slug);
  const { run } = await killAt(at, "update-agent.begun", () => submitUpgrade(at, department.slug));
  await untilRun(at, run.id, "succeeded");
  const line = await lineOf(await stepOf(run.id, "update-agent"));
  expect(line.map(({ name }) => name)).toEqual([
    "step update-agent",
    "run upgrade",
    "submit upgrade",
    "POST /api/v1/departments/:id/upgrade",
  ]);
  expect(line[1]?.attributes["federation.run.epoch"]).toBeGreaterThan(1);
});

test("a caller's trace is the parent and nothing more; what is malformed, is not", async () => {
  const ask = (traceparent: string) =>
    fetch(`${at.url}/api/v1/limits?mark=${encodeURIComponent(traceparent.slice(0, 2))}`, {
      headers: { authorization: `Bearer ${at.key.reveal()}`, traceparent },
    });
  // Flags of a caller do not decide what is recorded.
  await ask(`00-${foreign.traceId}-${foreign.spanId}-00`);
  const below = await collector.find("the request", (one) => one.traceId === foreign.traceId);
  expect(below).toMatchObject({ name: "GET /api/v1/limits", parentSpanId: foreign.spanId });
  const malformed = [
    `00-${"0".repeat(32)}-${foreign.spanId}-01`,
    `00-${foreign.traceId}-${"0".repeat(16)}-01`,
    `ff-${foreign.traceId}-${foreign.spanId}-01`,
    `00-${foreign.traceId.toUpperCase()}-${foreign.spanId}-01`,
    "x'; drop table federation.run",
  ];
  for (const header of malformed) expect((await ask(header)).status).toBe(200);
  const roots = () => collector.named("GET /api/v1/limits").filter((one) => !one.parentSpanId);
  await until("each is a trace of its own", () => Promise.resolve(roots().length >= malformed.length));
  expect(new Set(roots().map(({ traceId }) => traceId)).size).toBe(malformed.length);
});

test("lines of the log below a span say its trace", async () => {
  const { id } = await provision(at);
  const { traceId } = await stepOf(id, "deploy");
  const read = async (name: string) => readFile(join(at.directory, `${name}.log`), "utf8");
  const lines = `${await read("web")}${await read("worker")}`.split("\n");
  const traced = lines.filter((line) => line.includes(`"trace_id":"${traceId}"`));
  expect(traced.some((line) => line.includes('"message":"step settled"'))).toBe(true);
  expect(traced.some((line) => line.includes('"route":"/api/v1/provision-department"'))).toBe(true);
});

test("no span holds a key, a password, a token, a query or a body", async () => {
  const query = "planted-query-nobody-may-see";
  await at.client.get(`/audit?actor=${query}`).catch(() => {});
  await collector.find("the request", (one) => one.attributes["http.route"] === "/api/v1/audit");
  const department = await provision(at);
  const isRun = (one: CollectedSpan) => one.attributes["federation.run"] === department.id;
  await collector.find("the turn at the run", (one) => one.name === "run provision" && isRun(one));
  const passwords = [at.config.databaseUrl, at.config.adminUrl].map(
    (url) => new URL(url?.reveal() ?? "").password,
  );
  const planted = [
    query,
    headerToken,
    at.key.reveal(),
    at.config.kek?.reveal() ?? "",
    ...passwords,
    department.slug,
  ];
  const all = collector.texts.join("");
  expect(collector.spans.filter(isRun).length).toBeGreaterThan(10);
  for (const secret of planted) {
    expect(secret.length).toBeGreaterThan(5);
    expect(all.includes(secret)).toBe(false);
  }
});
