import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createAllowList } from "../../src/net/allow-list.ts";
import { send } from "../../src/net/send.ts";
import { createOtlpTracer, type OtlpTracer } from "../../src/traces/create-otlp-tracer.ts";
import { traceCall } from "../../src/net/trace-call.ts";
import { testDatabase } from "../helpers/postgres.ts";
import postgres from "postgres";
import { type Collector, startCollector } from "./collector.ts";

let collector: Collector;
let tracer: OtlpTracer;
let heard: Headers[] = [];
let provider: ReturnType<typeof startProvider>;

function startProvider() {
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      heard.push(request.headers);
      return new Response("planted-answer", { status: request.url.includes("bad") ? 503 : 200 });
    },
  });
}

beforeAll(() => {
  provider = startProvider();
  collector = startCollector();
  const given = { headers: new Secret({}), service: "test", environment: "development", process: "test" };
  tracer = createOtlpTracer({ ...given, endpoint: `${collector.url}/`, everyMs: 10 });
});
beforeEach(() => void (heard = []));
afterAll(async () => {
  await tracer.close();
  await collector.close();
  await provider.stop(true);
});

const secretUrl = (path = "planted-path") =>
  `http://planted-user:planted-password@127.0.0.1:${provider.port}/${path}?key=planted-query`;
const init = { method: "POST", headers: { authorization: "planted-header" }, body: "planted-body" };
const under = <T>(work: () => Promise<T>) => tracer.span("under", { kind: "internal" }, work);

test("a call of a provider is a span that says who, where and how it went, and nothing that may be a secret", async () => {
  const call = traceCall(tracer, "somebody");
  const answer = await under(() => call(secretUrl("bad/planted-path"), init));
  expect(await answer.text()).toBe("planted-answer");
  const span = await collector.find("the call", ({ name }) => name === "POST somebody");
  expect(span.attributes).toEqual({
    "federation.provider": "somebody",
    "http.request.method": "POST",
    "server.address": "127.0.0.1",
    "server.port": provider.port,
    "http.response.status_code": 503,
  });
  expect(span.status).toEqual({ code: 2, message: "http_503" });
  expect(collector.texts.join("")).not.toContain("planted");
  expect(heard[0]?.get("traceparent")).toBe(`00-${span.traceId}-${span.spanId}-01`);
  expect(heard[0]?.get("authorization")).toBe("planted-header");
});

test("a delivery to an address that somebody chose is a span too, and takes its trace along", async () => {
  const options = { allow: createAllowList(["127.0.0.1"]), resolve: async () => ["127.0.0.1"], tracer };
  const url = `http://127.0.0.1:${provider.port}/planted-path?key=planted-query`;
  const { status } = await send({ method: "POST", url, body: Buffer.from("planted-body") }, options);
  expect(status).toBe(200);
  const span = await collector.find("the delivery", ({ name }) => name === "POST outbound");
  expect(heard[0]?.get("traceparent")).toBe(`00-${span.traceId}-${span.spanId}-01`);
  expect(collector.texts.join("")).not.toContain("planted");
});

test("a call that nothing traced makes is passed on as it is", async () => {
  await traceCall(tracer, "nobody")(secretUrl(), init);
  expect(heard[0]?.get("traceparent")).toBeNull();
});

test("a run that began before anything was traced begins a trace, also while another one is at work", async () => {
  const names = { inner: "a run without a trace", kind: "internal" as const };
  await under(() => tracer.span(names.inner, { kind: names.kind, parent: null }, async () => {}));
  const inner = await collector.find("the run", ({ name }) => name === names.inner);
  expect(inner.parentSpanId).toBeUndefined();
});

test("the database takes no trace parent that is none", async () => {
  const database = await testDatabase();
  const sql = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  const insert = (parent: string) => sql`
    insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, trace_parent)
    values (gen_random_uuid(), gen_random_uuid(), 'provision', 'queued', 'x', 'x', 'x', ${parent})`;
  const [trace, span] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
  const bad = [
    "",
    "x",
    `00-${trace}-${span}-00`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${span}-01-x`,
  ];
  const codes = await Promise.all(
    [...bad, `00-${trace}-${span}-01`].map((parent) =>
      insert(parent).then(
        () => "none",
        (error: { code?: string }) => error.code,
      ),
    ),
  );
  // The last one is refused for its department only, which does not exist.
  expect(codes).toEqual([...bad.map(() => "23514"), "23503"]);
  await sql.end();
  await database.close();
});
