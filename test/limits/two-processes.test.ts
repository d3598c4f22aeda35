import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isReady } from "../../src/client/ready.ts";
import { childEnvironment } from "../../src/config.ts";
import { choosePort } from "../../src/up/choose-port.ts";
import { until } from "../helpers/installation.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";

/** Two web processes over one database, and 200 callers at once who do not wait for each other. */
let edge: Edge;
let webs: Awaited<ReturnType<typeof startWeb>>[];
let source: TestDepartment;
let target: TestDepartment;
const callers = 200;
const limit = 100;
const windowSeconds = 86_400;

beforeAll(async () => {
  edge = await testEdge();
  [source, target] = await Promise.all([edge.addDepartment(), edge.addDepartment()]);
  webs = await Promise.all([startWeb(), startWeb()]);
});
afterAll(async () => {
  await Promise.all(webs.map((web) => web.close()));
  await edge.close();
});
beforeEach(async () => {
  await edge.sql`delete from federation.access_grant`;
  await edge.sql`delete from federation.rate_limit`;
  await edge.sql`update federation.rate_policy set hits = 1000, window_seconds = ${windowSeconds}`;
  await grant(null);
});

describe(`limit ${limit}, ${callers} callers at once over two processes: exactly ${limit} are admitted by the limit of`, () => {
  const limited: Record<string, { key: () => string; set: () => Promise<unknown> }> = {
    "the department": { key: () => `department:${source.id}`, set: () => policy("department") },
    "the pair": { key: () => `pair:${source.id}:${target.id}`, set: () => policy("pair") },
    "the key": { key: () => "key:%", set: () => policy("key") },
    "the grant": { key: () => "pair:grant:%", set: () => grant(limit) },
  };
  for (const [name, { key, set }] of Object.entries(limited)) {
    test(`${name}, window after window, and no other limit is used up by who was refused`, async () => {
      await set();
      for (let window = 0; window < 3; window += 1) {
        const statuses = await askAtOnce();
        expect([statuses.get(200), statuses.get(429)]).toEqual([limit, callers - limit]);
        const rows = await edge.sql<{ key: string; hits: number; refused: number }[]>`
          select key, hits, refused from federation.rate_limit where key not like 'login:%'`;
        expect(rows.map(({ hits }) => hits)).toEqual([limit, limit, limit]);
        const [own] = await edge.sql`select refused from federation.rate_limit where key like ${key()}`;
        expect(own).toEqual({ refused: callers - limit });
        await edge.sql`update federation.rate_limit set started_us = started_us - ${windowSeconds * 1_000_000}`;
      }
    });
  }
});

test("of all that was refused only the 1st, 10th and 100th of the window are on record", async () => {
  await policy("pair");
  const before = await refusalsOnRecord();
  await askAtOnce();
  expect((await refusalsOnRecord()).slice(before.length)).toEqual(["1", "10", "100"]);
});

const policy = (kind: string) =>
  edge.sql`update federation.rate_policy set hits = ${limit} where kind = ${kind}`;

async function grant(hits: number | null) {
  await edge.sql`delete from federation.access_grant`;
  await edge.sql`
    insert into federation.access_grant (id, source, target, permission, resource, status, requested_by, approved_by,
      reason, expires_at, query_limit, query_window_seconds)
    values (${Bun.randomUUIDv7()}, ${source.id}, ${target.id}, 'read', '*', 'approved', 'a', 'b', 'test',
      now() + interval '1 hour', ${hits}, ${hits && windowSeconds})`;
}

async function refusalsOnRecord(): Promise<string[]> {
  const rows = await edge.sql<{ count: string }[]>`
    select meta::jsonb ->> 'refusals' as count from audit.event
    where stream = ${source.id} and decision = 'limited' order by seq`;
  return rows.map(({ count }) => count);
}

/** How many got each status. */
async function askAtOnce(): Promise<Map<number, number>> {
  const body = JSON.stringify({
    target_department_id: target.slug,
    query_type: "list_events",
    query_params: {},
    reason: "a test asks",
  });
  const headers = { authorization: `Bearer ${source.key}`, "content-type": "application/json" };
  const statuses = new Map<number, number>();
  const ask = async (caller: number) => {
    const url = `${webs[caller % webs.length]?.url}/api/v1/cross-dept/query`;
    const response = await fetch(url, { method: "POST", headers, body });
    await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => ask(caller)));
  return statuses;
}

async function startWeb() {
  const directory = await mkdtemp(join(tmpdir(), "federation-two-"));
  const port = await choosePort(0, "127.0.0.1");
  const url = `http://127.0.0.1:${port}`;
  const web = Bun.spawn([process.execPath, "src/server.ts"], {
    cwd: join(import.meta.dir, "../.."),
    env: childEnvironment({
      FEDERATION_ENV: edge.deps.config.environment,
      PORT: String(port),
      PUBLIC_URL: edge.deps.config.publicUrl,
      DATABASE_URL: edge.database.appUrl,
      DATABASE_GATEWAY_URL: edge.database.gatewayUrl,
      DATABASE_ADMIN_URL: undefined,
      FEDERATION_KEK: edge.deps.config.kek?.reveal(),
      FEDERATION_KEK_PREVIOUS: undefined,
      DATA_DIR: directory,
      LOG_LEVEL: "silent",
    }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  await until("the web process is ready", () => isReady(url));
  return {
    url,
    async close() {
      web.kill("SIGTERM");
      await web.exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
