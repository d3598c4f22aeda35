import { afterAll, beforeAll, expect, test } from "bun:test";
import { withTx } from "../../src/db/tx.ts";
import { type Edge, testEdge } from "../http/edge.ts";

let edge: Edge;
beforeAll(async () => void (edge = await testEdge()));
afterAll(() => edge.close());

async function failed(message: string): Promise<string> {
  await withTx(edge.deps.db.app, (tx) =>
    edge.deps.queue.send(tx, "retain-audit", { run_id: Bun.randomUUIDv7() }),
  );
  const [job] = await edge.sql`
    update pgboss.job set state = 'failed', completed_on = now(), retry_count = 2, output = ${edge.sql.json({ message })}
    where name = 'retain-audit' and state = 'created' returning id`;
  return String(job?.["id"]);
}
const get = (path: string) => edge.call("GET", `/api/v1/queues${path}`, { key: edge.adminKey });
const retry = (queue: string, id: string) =>
  edge.call("POST", `/api/v1/queues/${queue}/jobs/${id}/retry`, { key: edge.adminKey, body: {} });

test("a failed job is shown without what its error gives away, and runs once more, on record, once", async () => {
  const secret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
  const address = ["postgres", "//me:word@db/x"].join(":");
  const id = await failed(`no answer of ${address} with ${secret}\nline two`);
  const { json } = await get("/retain-audit/failed");
  expect(json.items).toHaveLength(1);
  expect(json.items[0]).toMatchObject({
    id,
    retries: 2,
    error: "no answer of [address] with [removed] line two",
  });
  expect((await get("")).json.items).toContainEqual({
    name: "retain-audit",
    waiting: 0,
    active: 0,
    failed: 1,
    oldest: null,
  });
  expect((await retry("retain-audit", id)).status).toBe(202);
  expect((await retry("retain-audit", id)).json.code).toBe("job_not_failed");
  const [job] = await edge.sql`select state::text as state from pgboss.job where id = ${id}`;
  expect(job?.["state"]).toBe("retry");
  const events = await edge.sql`select target, meta from audit.event where action = 'job.retry'`;
  expect([...events]).toEqual([{ target: id, meta: '{"queue":"retain-audit"}' }]);
});

test("a queue or job that is none is 404", async () => {
  const id = await failed("x");
  expect((await get("/nothing/failed")).status).toBe(404);
  expect((await retry("keep-house", id)).status).toBe(404);
  expect((await retry("retain-audit", Bun.randomUUIDv7())).status).toBe(404);
});

test("budgets of calls are listed with who waits", async () => {
  await edge.sql`insert into federation.call_budget (name, tokens, refilled_at, blocked_until)
    values ('railway:test', 3.5, now(), now() + interval '1 hour')`;
  await edge.sql`insert into federation.call_waiter (budget, holder, since, due_at)
    values ('railway:test', 'a', now() - interval '10 seconds', now())`;
  const { json } = await edge.call("GET", "/api/v1/call-budgets", { key: edge.adminKey });
  expect(json.items).toMatchObject([{ name: "railway:test", tokens: 3.5, waiting: 1 }]);
  expect(json.items[0].longest_wait_seconds).toBeGreaterThanOrEqual(10);
  expect(json.items[0].blocked_until).not.toBeNull();
});
