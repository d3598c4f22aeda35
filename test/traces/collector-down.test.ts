import { afterEach, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createOtlpTracer, type OtlpTracer } from "../../src/traces/create-otlp-tracer.ts";
import { until } from "../helpers/installation.ts";
import { startCollector } from "./collector.ts";

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const given = { headers: new Secret({}), service: undefined, environment: "development", process: "test" };
const tracerOf = (endpoint: string, more = {}): OtlpTracer => {
  const tracer = createOtlpTracer({ ...given, endpoint, timeoutMs: 300, everyMs: 20, ...more });
  opened.push(tracer);
  return tracer;
};
const spans = (tracer: OtlpTracer, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, n) => tracer.span("a span", { kind: "internal" }, async () => n)),
  );

test("with a collector that cannot be reached the work is done as without one, and what was lost is counted", async () => {
  const tracer = tracerOf("http://127.0.0.1:1");
  expect(await spans(tracer, 10)).toEqual(Array.from({ length: 10 }, (_, n) => n));
  await until("ten are dropped", async () => tracer.dropped() === 10);
});

test("a collector that never answers holds no more than the queue, and keeps no process from ending", async () => {
  const never = startCollector(() => new Promise(() => {}));
  opened.push(never);
  const tracer = tracerOf(never.url, { queueMax: 50, timeoutMs: 60_000 });
  await spans(tracer, 200);
  expect(tracer.dropped()).toBe(150);
  await tracer.close();
});

test("a collector that refuses costs what it refused, and the next spans arrive", async () => {
  let refuses = true;
  const collector = startCollector(() => (refuses ? new Response("no", { status: 400 }) : Response.json({})));
  opened.push(collector);
  const tracer = tracerOf(collector.url);
  await spans(tracer, 3);
  await until("three are dropped", async () => tracer.dropped() === 3);
  refuses = false;
  await tracer.span("late", { kind: "internal" }, async () => {});
  await collector.find("the late one", ({ name }) => name === "late");
  expect(tracer.dropped()).toBe(3);
});

test("what is left when the process ends is sent before it ends", async () => {
  const collector = startCollector();
  opened.push(collector);
  const tracer = tracerOf(collector.url, { everyMs: 60_000 });
  await spans(tracer, 300);
  await tracer.close();
  expect(collector.spans).toHaveLength(300);
});

test("what the work throws is thrown on, and the span says its code and not its text", async () => {
  const collector = startCollector();
  opened.push(collector);
  const tracer = tracerOf(collector.url);
  const failing = tracer.span("failing", { kind: "internal" }, async () => {
    throw new TypeError("postgres://user:secret@host");
  });
  expect(await failing.catch((error: unknown) => String(error))).toContain("secret@host");
  await collector.find("the span", ({ name }) => name === "failing");
  expect(collector.spans[0]?.status).toEqual({ code: 2, message: "TypeError" });
  expect(collector.texts.join("")).not.toContain("secret@host");
});
