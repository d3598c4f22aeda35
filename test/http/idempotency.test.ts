import { afterAll, beforeAll, expect, test } from "bun:test";
import { completeIdempotency } from "../../src/idempotency/request.ts";
import { claimIdempotency, releaseIdempotency } from "../../src/idempotency/claim.ts";
import { purgeIdempotency } from "../../src/idempotency/purge.ts";
import { withTx } from "../../src/db/tx.ts";
import { type Edge, testEdge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await testEdge();
});
afterAll(() => edge.close());

const request = (id: string) => ({
  department_id: id,
  department_name: "X",
  enabled_tools: ["email"],
  admin_email: "x@example.org",
});
const provision = (id: string, key: string, apiKey = edge.adminKey) =>
  edge.call("POST", "/api/v1/provision-department", {
    key: apiKey,
    body: request(id),
    headers: { "idempotency-key": key },
  });

test("a repeated call gets the first answer again and runs once", async () => {
  const first = await provision("first", "k-1");
  const again = await provision("first", "k-1");
  expect(again.json).toEqual(first.json);
  expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([
    null,
    "true",
  ]);
  const [count] =
    await edge.sql`select count(*)::int as n from audit.event where action = 'department.provision'`;
  expect(count?.["n"]).toBe(1);
});

test("the order of keys in the body does not matter", async () => {
  const body = Object.fromEntries(Object.entries(request("first")).reverse());
  const headers = { "idempotency-key": "k-1" };
  const again = await edge.call("POST", "/api/v1/provision-department", {
    key: edge.adminKey,
    body,
    headers,
  });
  expect(again.headers.get("idempotent-replayed")).toBe("true");
});

test("another body under the same key is 422", async () => {
  const reply = await provision("second", "k-1");
  expect([reply.status, reply.json.code]).toEqual([422, "idempotency_key_reused"]);
});

test("the key of another caller is another key", async () => {
  const operator = await edge.addMember("operator", ["runs:write"]);
  const reply = await provision("third", "k-1", operator.key);
  expect(reply.status).toBe(202);
});

test("of many equal calls at once exactly one runs; the others wait for nobody", async () => {
  const replies = await Promise.all(Array.from({ length: 30 }, () => provision("burst", "k-2")));
  const ran = replies.filter((reply) => reply.status === 202 && !reply.headers.get("idempotent-replayed"));
  expect(ran).toHaveLength(1);
  for (const reply of replies) {
    if (reply.status === 202) expect(reply.json).toEqual(ran[0]?.json);
    else expect([reply.status, reply.json.code]).toEqual([409, "idempotency_in_progress"]);
  }
});

test("a refused call gives its key back", async () => {
  const conflict = await edge.call("POST", "/api/v1/provision-department", {
    key: edge.adminKey,
    body: { ...request("first"), department_name: "Other" },
    headers: { "idempotency-key": "k-3" },
  });
  expect(conflict.status).toBe(409);
  expect((await provision("fourth", "k-3")).status).toBe(202);
});

test("a call that minted a secret is never answered twice, and the secret is not stored", async () => {
  const body = { name: "ci", scopes: ["departments:read"], expires_in_days: 1 };
  const mint = () =>
    edge.call("POST", "/api/v1/api-keys", {
      key: edge.adminKey,
      body,
      headers: { "idempotency-key": "k-4" },
    });
  const first = await mint();
  expect(first.status).toBe(201);
  const again = await mint();
  expect([again.status, again.json.code]).toEqual([409, "idempotency_secret"]);
  const [row] = await edge.sql`select response_body, state from federation.idempotency_key where key = 'k-4'`;
  expect(row).toEqual({ response_body: null, state: "secret" });
});

test("who lost its lock to a repetition commits nothing", async () => {
  const call = { scope: "s", key: "k-5", fingerprint: "f" };
  const sql = edge.deps.db.app;
  const slow = await claimIdempotency(sql, call);
  await edge.sql`update federation.idempotency_key set locked_until = now() - interval '1 second' where key = 'k-5'`;
  const taker = await claimIdempotency(sql, call);
  if (slow.kind !== "run" || taker.kind !== "run") throw new Error("both have to be let in");
  const complete = (idempotency: typeof slow.request, n: number) =>
    withTx(sql, (tx) => completeIdempotency(tx, { idempotency }, 202, { n }));
  await expect(complete(slow.request, 1)).rejects.toMatchObject({ code: "idempotency_lost" });
  await releaseIdempotency(sql, slow.request);
  await complete(taker.request, 2);
  expect(await claimIdempotency(sql, call)).toEqual({ kind: "replay", status: 202, body: { n: 2 } });
});

test("answers are forgotten after seven days, not before", async () => {
  await edge.sql`update federation.idempotency_key set created_at = now() - interval '8 days', locked_until = now() - interval '8 days' where key = 'k-5'`;
  expect(await purgeIdempotency(edge.deps.db.app)).toBe(1);
});
