import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { openPools } from "../../src/db/pools.ts";
import { type Call, type Edge, testEdge } from "./edge.ts";

let edge: Edge;
let lowKey: string;
beforeAll(async () => {
  edge = await testEdge();
  lowKey = (await edge.addMember("auditor", ["departments:read"])).key;
});
afterAll(() => edge.close());

const good = {
  department_id: "finance",
  department_name: "Finance",
  enabled_tools: ["email"],
  admin_email: "cfo@example.org",
};
const post = (call: Call) =>
  edge.call("POST", "/api/v1/provision-department", { key: edge.adminKey, ...call });
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const manyKeys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));

const refused: [name: string, status: number, code: string, call: Call, path?: string][] = [
  ["an unknown key", 422, "invalid_request", { body: { ...good, colour: "red" } }, "colour"],
  [
    "an unknown nested key",
    422,
    "invalid_request",
    { body: { ...good, custom_config: { x: 1 } } },
    "custom_config.x",
  ],
  [
    "no department_id",
    422,
    "invalid_request",
    { body: { ...good, department_id: undefined } },
    "department_id",
  ],
  [
    "an upper case slug",
    422,
    "invalid_request",
    { body: { ...good, department_id: "Finance" } },
    "department_id",
  ],
  [
    "a slug in unicode",
    422,
    "invalid_request",
    { body: { ...good, department_id: "finanz\u00e9" } },
    "department_id",
  ],
  [
    "a slug in look-alike letters",
    422,
    "invalid_request",
    { body: { ...good, department_id: "fin\u0430nce" } },
    "department_id",
  ],
  [
    "a slug of 41 letters",
    422,
    "invalid_request",
    { body: { ...good, department_id: "f".repeat(41) } },
    "department_id",
  ],
  [
    "a slug of 70 letters",
    422,
    "invalid_request",
    { body: { ...good, department_id: "f".repeat(70) } },
    "department_id",
  ],
  [
    "a slug of one letter",
    422,
    "invalid_request",
    { body: { ...good, department_id: "f" } },
    "department_id",
  ],
  [
    "a slug with SQL in it",
    422,
    "invalid_request",
    { body: { ...good, department_id: "a'; drop schema x" } },
    "department_id",
  ],
  [
    "a slug with a newline at its end",
    422,
    "invalid_request",
    { body: { ...good, department_id: "finance\n" } },
    "department_id",
  ],
  ["a reserved slug", 422, "invalid_request", { body: { ...good, department_id: "admin" } }, "department_id"],
  [
    "an unknown tool",
    422,
    "invalid_request",
    { body: { ...good, enabled_tools: ["shell"] } },
    "enabled_tools.0",
  ],
  [
    "a tool named twice",
    422,
    "invalid_request",
    { body: { ...good, enabled_tools: ["email", "email"] } },
    "enabled_tools",
  ],
  ["no tool", 422, "invalid_request", { body: { ...good, enabled_tools: [] } }, "enabled_tools"],
  ["tools as text", 422, "invalid_request", { body: { ...good, enabled_tools: "email" } }, "enabled_tools"],
  [
    "a name with a newline",
    422,
    "invalid_request",
    { body: { ...good, department_name: "a\nb" } },
    "department_name",
  ],
  [
    "a name that turns the reading direction",
    422,
    "invalid_request",
    { body: { ...good, department_name: "a\u202eb" } },
    "department_name",
  ],
  ["a blank name", 422, "invalid_request", { body: { ...good, department_name: "  " } }, "department_name"],
  ["a number as name", 422, "invalid_request", { body: { ...good, department_name: 7 } }, "department_name"],
  ["no address", 422, "invalid_request", { body: { ...good, admin_email: "nobody" } }, "admin_email"],
  ["an unknown host", 422, "invalid_request", { body: { ...good, host: "mainframe" } }, "host"],
  ["a host that is not set up", 422, "host_not_configured", { body: { ...good, host: "docker" } }, "host"],
  [
    "retention of no day",
    422,
    "invalid_request",
    { body: { ...good, data_retention: { documents_days: 0 } } },
    "data_retention.documents_days",
  ],
  [
    "a callback that is no web address",
    422,
    "invalid_request",
    { body: { ...good, custom_config: { callback_url: "file:///etc/passwd" } } },
    "custom_config.callback_url",
  ],
  ["a list as body", 422, "invalid_request", { body: [good] }],
  ["null as body", 422, "invalid_request", { text: "null" }],
  ["no body", 422, "invalid_request", {}],
  ["broken JSON", 400, "malformed_body", { text: '{"department_id": "fin' }],
  ["half an UTF-8 letter", 400, "malformed_body", { text: new Uint8Array([0x22, 0xc3, 0x22]) }],
  ["65 levels", 400, "too_deep", { text: nested(65) }],
  ["a bomb of brackets", 400, "too_deep", { text: "[".repeat(500_000) }],
  ["1,001 keys", 422, "too_many_keys", { body: manyKeys(1001) }],
  ["__proto__", 422, "forbidden_key", { text: '{"__proto__": {"department_id": "x"}}' }],
  ["__proto__ in disguise", 422, "forbidden_key", { text: '{"a": [{"\\u005f_proto__": 1}]}' }],
  ["U+0000", 422, "forbidden_text", { body: { ...good, department_name: "a\0b" } }],
  ["half a surrogate pair", 422, "forbidden_text", { text: '{"department_name": "\\ud800"}' }],
  ["2 MB", 413, "body_too_large", { text: `"${"x".repeat(2_000_000)}"` }],
  [
    "text that says it is not JSON",
    415,
    "unsupported_media_type",
    { body: good, headers: { "content-type": "text/plain" } },
  ],
  [
    "a form",
    415,
    "unsupported_media_type",
    { text: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } },
  ],
  [
    "JSON in another charset",
    415,
    "unsupported_media_type",
    { body: good, headers: { "content-type": "application/json; charset=latin1" } },
  ],
  [
    "an Idempotency-Key with a space",
    400,
    "bad_idempotency_key",
    { body: good, headers: { "idempotency-key": "a b" } },
  ],
  ["no credentials", 401, "unauthenticated", { body: good, key: undefined }],
  ["credentials that are nothing", 401, "invalid_token", { body: good, key: "abc" }],
  ["a key with a typo", 401, "invalid_key", { body: good, key: `fed_dev_AAAAAAAA_${"A".repeat(43)}_AAAAAA` }],
];

describe("refuses, as a problem that names no internals:", () => {
  const cases = refused.map(([name, status, code, call, path]) => ({ name, status, code, call, path }));
  test.each(cases)("$name → $status $code", async ({ status, code, call, path }) => {
    const reply = await post(call);
    expect([reply.status, reply.json.code]).toEqual([status, code]);
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(reply.json).toMatchObject({
      title: expect.any(String),
      detail: expect.any(String),
      request_id: reply.headers.get("x-request-id"),
    });
    expect(reply.text).not.toMatch(/select |insert |postgres|federation\.|node_modules|\.ts\b/);
    if (path !== undefined)
      expect(reply.json.errors.map((error: { path: string }) => error.path)).toContain(path);
  });
});

test("a body that hides its length is counted, and refused above 1 MB", async () => {
  const chunk = new TextEncoder().encode("x".repeat(100_000));
  let chunks = 0;
  const stream = new ReadableStream({
    pull: (controller) => (++chunks > 20 ? controller.close() : controller.enqueue(chunk)),
  });
  const headers = { authorization: `Bearer ${edge.adminKey}`, "content-type": "application/json" };
  const reply = await edge.app.request("/api/v1/provision-department", {
    method: "POST",
    headers,
    body: stream,
  });
  expect(reply.status).toBe(413);
  expect(chunks).toBeLessThan(20);
});

test("64 levels and 1,000 keys are still read", async () => {
  expect((await post({ text: nested(64) })).json.code).toBe("invalid_request");
  expect((await post({ body: manyKeys(1000) })).json.code).toBe("invalid_request");
});

test("every problem of a body is named at once", async () => {
  const reply = await post({ body: { department_id: "A", enabled_tools: [], extra: 1 } });
  const paths = reply.json.errors.map((error: { path: string }) => error.path).sort();
  expect(paths).toEqual(["admin_email", "department_id", "department_name", "enabled_tools", "extra"]);
});

test("too little scope is 403 and on record", async () => {
  const reply = await post({ key: lowKey, body: good });
  expect([reply.status, reply.json.code]).toEqual([403, "insufficient_scope"]);
  const [event] =
    await edge.sql`select action, decision, reason from audit.event where request_id = ${reply.json.request_id}`;
  expect(event).toEqual({ action: "http.request", decision: "denied", reason: "insufficient_scope" });
});

test("paths that lead nowhere are 404, with and without credentials", async () => {
  for (const key of [undefined, edge.adminKey]) {
    const reply = await edge.call("GET", "/api/v1/nothing", { key });
    expect([reply.status, reply.json.code]).toEqual([404, "not_found"]);
  }
});

test("path parameters that cannot name anything are 404", async () => {
  const paths = [
    "provision-status/1",
    "provision-status/'--",
    "departments/..%2f",
    "departments/%00",
    `departments/${"a".repeat(300)}`,
  ];
  for (const path of paths) {
    const reply = await edge.call("GET", `/api/v1/${path}`, { key: edge.adminKey });
    expect([path, reply.status]).toEqual([path, 404]);
  }
});

test("query strings are checked as bodies are", async () => {
  for (const query of [
    "limit=0",
    "limit=1000",
    "limit=x",
    "cursor=abc",
    "colour=red",
    "status=lost",
    "limit=1&limit=2",
  ]) {
    const reply = await edge.call("GET", `/api/v1/departments?${query}`, { key: edge.adminKey });
    expect([query, [400, 422].includes(reply.status)]).toEqual([query, true]);
  }
});

describe("a database that cannot be reached is 503 with Retry-After, and the process still lives:", () => {
  const url = "postgres://nobody:secret@127.0.0.1:1/none";
  const dead = () => openPools({ appUrl: url, gatewayUrl: url, applicationName: "test" });
  const closed = async () => {
    const pools = dead();
    await pools.close();
    return pools;
  };
  test.each([
    { name: "nobody listens", open: dead },
    { name: "the pool is closed", open: closed },
  ])("$name", async ({ open }) => {
    const db = await open();
    const app = createApp({ ...edge.deps, db });
    const ask = (path: string) =>
      app.request(path, { headers: { authorization: `Bearer ${edge.adminKey}` } });
    const reply = await ask("/api/v1/departments");
    expect([reply.status, reply.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await reply.json()).toMatchObject({ code: "database_unavailable" });
    expect((await ask("/readyz")).status).toBe(503);
    expect((await ask("/healthz")).status).toBe(200);
    await Promise.all([db.app.end({ timeout: 0 }), db.gateway.end({ timeout: 0 })]);
  });
});

test("an unexpected error is a 500 that says nothing, and a log line under its request id", async () => {
  const artifacts = {
    ...edge.deps.artifacts,
    read: () => Promise.reject(new Error("disk /dev/sda1 is gone")),
  };
  const gone = await edge.addDepartment();
  await edge.sql`insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, finished_at)
    values (${gone.id}, ${gone.id}, 'deprovision', 'succeeded', '', '', '', now())`;
  await edge.sql`insert into federation.archive (department_id, run_id, location, bytes, sha256, tables)
    values (${gone.id}, ${gone.id}, 'x', 1, '', '{}')`;
  const app = createApp({ ...edge.deps, artifacts });
  const headers = { authorization: `Bearer ${edge.adminKey}` };
  const reply = await app.request(`/api/v1/departments/${gone.slug}/archive`, { headers });
  const text = await reply.text();
  expect([reply.status, JSON.parse(text).code]).toEqual([500, "internal"]);
  expect(text).not.toContain("sda1");
  const line = edge.lines.find((one) => one.includes(JSON.parse(text).request_id));
  expect(line).toContain("sda1");
});
