import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Edge, type Reply, type TestDepartment, testEdge } from "./edge.ts";

let edge: Edge;
let a: TestDepartment;
let b: TestDepartment;
let adminOfA: string;
beforeAll(async () => {
  edge = await testEdge();
  [a, b] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  adminOfA = (await edge.addMember("department_admin", ["webhooks:write"], a.id)).key;
});
afterAll(() => edge.close());

const endpoints = "/api/v1/webhook-endpoints";
const post = (path: string, body: object = {}, key = edge.adminKey) => edge.call("POST", path, { key, body });
const bare = ({ status, json }: Reply) => ({ status, json: { ...json, request_id: "" } });

describe("an endpoint", () => {
  test("shows its secret when it is made and when it is rotated, and nowhere else", async () => {
    const made = await post(endpoints, { url: "https://hooks.example.org/in", types: ["department.failed"] });
    expect([made.status, /^whsec_[A-Za-z0-9+/]{43}=$/.test(made.json.secret)]).toEqual([201, true]);
    const rotated = await post(`${endpoints}/${made.json.id}/rotate-secret`);
    expect(rotated.json.secret).not.toBe(made.json.secret);
    const shown = await Promise.all([
      edge.call("GET", endpoints, { key: edge.adminKey }),
      edge.call("GET", `${endpoints}/${made.json.id}`, { key: edge.adminKey }),
    ]);
    for (const { text } of shown) expect(text.includes("whsec_")).toBe(false);
    const rows = await edge.sql`select sealed from federation.webhook_secret`;
    expect(rows.filter((row) => /whsec_/.test(String(row["sealed"])))).toEqual([]);
    expect(edge.lines.filter((line) => line.includes("whsec_"))).toEqual([]);
  });

  test.each([
    ...[
      "http://127.0.0.1/",
      "http://169.254.169.254/latest",
      "http://[::1]/",
      "http://2130706433/",
      "http://0x7f.1/",
    ],
    ...[
      "ftp://example.org/",
      "https://user@example.org/",
      "https://example.org./",
      "https://exa%6dple.org/",
      "x",
    ],
  ])("at %s is refused", async (url) => {
    const reply = await post(endpoints, { url });
    expect([reply.status, reply.json.code]).toEqual([422, "outbound_url_refused"]);
  });

  test("of a department's admin hears of the own department only, and another one's is the same 404 as none", async () => {
    const url = "https://hooks.example.org/in";
    const own = await post(endpoints, { url }, adminOfA);
    expect([own.status, own.json.department_id]).toEqual([201, a.slug]);
    expect((await post(endpoints, { url, department_id: b.slug }, adminOfA)).status).toBe(404);
    const others = [await post(endpoints, { url }), await post(endpoints, { url, department_id: b.id })];
    const list = await edge.call("GET", endpoints, { key: adminOfA });
    expect(list.json.items.map((item: { id: string }) => item.id)).toEqual([own.json.id]);
    const change = { url, description: "mine now" };
    for (const { json } of others) {
      for (const [method, tail, body] of [
        ["GET", "", undefined],
        ["PUT", "", change],
        ["DELETE", "", undefined],
        ["POST", "/rotate-secret", {}],
        ["POST", "/test", {}],
        ["GET", "/deliveries", undefined],
      ] as const) {
        const at = (id: string) => edge.call(method, `${endpoints}/${id}${tail}`, { key: adminOfA, body });
        expect([method, tail, bare(await at(json.id))]).toEqual([
          method,
          tail,
          bare(await at(Bun.randomUUIDv7())),
        ]);
      }
    }
  });

  test("can be switched off and on, tested, and its messages sent again", async () => {
    const { json: endpoint } = await post(endpoints, { url: "https://hooks.example.org/in" });
    const sent = await post(`${endpoints}/${endpoint.id}/test`);
    expect([sent.status, sent.json.type, sent.json.status]).toEqual([202, "webhook.test", "waiting"]);
    const off = await edge.call("PUT", `${endpoints}/${endpoint.id}`, {
      key: edge.adminKey,
      body: { url: endpoint.url, status: "off" },
    });
    expect(off.json).toMatchObject({ status: "off", off_reason: "by_hand" });
    const list = await edge.call("GET", `${endpoints}/${endpoint.id}/deliveries`, { key: edge.adminKey });
    expect(list.json.items).toMatchObject([
      { id: sent.json.id, status: "failed", last_error: "endpoint_off" },
    ]);
    const again = () => post(`/api/v1/webhook-deliveries/${sent.json.id}/redeliver`);
    expect((await again()).json.code).toBe("endpoint_off");
    expect((await post(`${endpoints}/${endpoint.id}/test`)).json.code).toBe("endpoint_off");
    await edge.call("PUT", `${endpoints}/${endpoint.id}`, {
      key: edge.adminKey,
      body: { url: endpoint.url },
    });
    expect((await again()).json).toMatchObject({
      status: "waiting",
      attempts: 0,
      event_id: sent.json.event_id,
    });
    expect((await edge.call("DELETE", `${endpoints}/${endpoint.id}`, { key: edge.adminKey })).status).toBe(
      204,
    );
    expect((await again()).status).toBe(404);
  });

  test("pages its deliveries, the newest first", async () => {
    const { json: endpoint } = await post(endpoints, { url: "https://hooks.example.org/in" });
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift((await post(`${endpoints}/${endpoint.id}/test`)).json.id);
    const seen: string[] = [];
    for (let cursor = "first"; cursor;) {
      const tail = cursor === "first" ? "" : `&cursor=${cursor}`;
      const { json } = await edge.call("GET", `${endpoints}/${endpoint.id}/deliveries?limit=2${tail}`, {
        key: edge.adminKey,
      });
      seen.push(...json.items.map((item: { id: string }) => item.id));
      cursor = json.next_cursor;
    }
    expect(seen).toEqual(ids);
  });
});
