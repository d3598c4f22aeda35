import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { mintApiKey, parseApiKey } from "../../src/crypto/api-key.ts";
import { type Edge, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  a = await edge.addDepartment();
});
afterAll(() => edge.close());
beforeEach(async () => {
  await edge.sql`delete from federation.rate_limit`;
  await edge.sql`update federation.rate_policy set hits = case kind when 'login' then 5 else 8 end, window_seconds = 3600
    where kind in ('login', 'address')`;
});

/** Each app is a process of its own; `address` is what the one trusted proxy saw. */
const newApp = () => createApp({ ...edge.deps, config: { ...edge.deps.config, trustedProxies: 1 } });
const login = async (app: ReturnType<typeof newApp>, address: string, secret: string, id = a.keyId) => {
  const response = await app.request("/api/v1/token", {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": `203.0.113.9, ${address}` },
    body: JSON.stringify({ client_id: id, client_secret: secret }),
  });
  await response.text();
  return response;
};
const right = () => parseApiKey(a.key).secret;
const denials = async () =>
  (
    await edge.sql`select from audit.event where action = 'token.issue' and decision = 'denied' and target is not null`
  ).length;

test("after five wrong secrets for a key from one address, that address waits; another one is let in", async () => {
  const [one, two] = [newApp(), newApp()];
  const before = await denials();
  const tries = await Promise.all(
    Array.from({ length: 20 }, (_, at) => login(at % 2 ? one : two, "198.51.100.1", "wrong")),
  );
  expect(tries.filter(({ status }) => status === 401)).toHaveLength(5);
  const limited = tries.filter(({ status }) => status === 429);
  expect(limited).toHaveLength(15);
  expect(Number(limited[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await denials()).toBe(before + 6);
  for (const app of [one, two]) {
    expect((await login(app, "198.51.100.1", right())).status).toBe(429);
    expect((await login(app, "198.51.100.2", right())).status).toBe(200);
  }
});

test("keys that do not exist are limited by address in the same words; a right secret from there is let in", async () => {
  const app = newApp();
  const statuses = [];
  for (let at = 0; at < 12; at++) {
    statuses.push((await login(app, "198.51.100.3", "wrong", `AAAAAA${String(at).padStart(2, "0")}`)).status);
  }
  expect(statuses).toEqual([...Array(8).fill(401), ...Array(4).fill(429)]);
  expect((await login(app, "198.51.100.3", right())).status).toBe(200);
});

test("a wrong API key counts as a failed login, a right one never does", async () => {
  const app = newApp();
  const wrong = mintApiKey("development").text.reveal();
  const call = (key: string) =>
    app.request(`/api/v1/departments/${a.slug}`, {
      headers: { authorization: `Bearer ${key}`, "x-forwarded-for": "198.51.100.4" },
    });
  for (let at = 0; at < 20; at++) expect((await call(a.key)).status).toBe(200);
  const statuses = [];
  for (let at = 0; at < 7; at++) statuses.push((await call(wrong)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
});

test("what a caller writes into X-Forwarded-For itself does not change its address", async () => {
  const app = newApp();
  const tries = Array.from({ length: 7 }, (_, at) =>
    app.request("/api/v1/token", {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": `10.0.0.${at}, 198.51.100.5` },
      body: JSON.stringify({ client_id: a.keyId, client_secret: "wrong" }),
    }),
  );
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 429)).toHaveLength(2);
});
