import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { evaluateAlerts } from "../../src/alerts/evaluate.ts";
import type { AlertRule } from "../../src/alerts/rule.ts";
import { takeSnapshot } from "../../src/alerts/snapshot.ts";
import { createCallBudgets } from "../../src/call-budgets/call-budgets.ts";
import { withTx } from "../../src/db/tx.ts";
import { type Edge, testEdge } from "../http/edge.ts";

let edge: Edge;
beforeAll(async () => void (edge = await testEdge()));
afterAll(() => edge.close());
afterEach(async () => {
  await edge.sql`delete from federation.alert_streak`;
  await edge.sql`delete from federation.alert`;
  await edge.sql`delete from federation.webhook_event`;
});

/** Bad with these subjects, of which a test has as many as it likes. */
const bad = new Set<string>();
const rule: AlertRule = {
  name: "test_rule",
  find: () => [...bad].map((subject) => ({ subject, severity: "warning", summary: `${subject} is wrong.` })),
};
/** The next minute, as one worker or several see it. */
async function turn(workers = 1) {
  await edge.sql`update federation.alert_turn set at = at - interval '1 minute'`;
  return Promise.all(Array.from({ length: workers }, () => evaluateAlerts(edge.deps.db.app, [rule])));
}
const told = async () => {
  const rows = await edge.sql`
    select type, data->>'subject' as subject from federation.webhook_event where type like 'alert.%' order by id`;
  return rows.map(({ type, subject }) => `${type} ${subject}`);
};
const firing = async () =>
  (await edge.sql`select name from federation.alert where status = 'firing' order by name`).map(
    ({ name }) => name,
  );

test("what is wrong twice in a row is told once, however long it lasts, and so is its end", async () => {
  bad.add("a");
  await turn();
  expect(await told()).toEqual([]);
  for (let n = 0; n < 4; n++) await turn();
  expect(await told()).toEqual(["alert.fired a"]);
  bad.clear();
  await turn();
  expect(await told()).toEqual(["alert.fired a"]);
  for (let n = 0; n < 4; n++) await turn();
  expect(await told()).toEqual(["alert.fired a", "alert.resolved a"]);
  expect((await edge.sql`select from federation.alert_streak`).length).toBe(0);
});

test("what comes and goes is told to nobody, and does not end what is told already", async () => {
  for (let n = 0; n < 6; n++) {
    bad.add("b");
    await turn();
    bad.clear();
    await turn();
  }
  expect(await told()).toEqual([]);
  bad.add("b");
  await turn();
  await turn();
  for (let n = 0; n < 3; n++) {
    bad.clear();
    await turn();
    bad.add("b");
    await turn();
  }
  expect(await told()).toEqual(["alert.fired b"]);
  bad.clear();
});

test("eight workers at once are one turn, and raise and resolve once", async () => {
  bad.add("c").add("d");
  for (let n = 0; n < 3; n++) {
    const outcomes = await turn(8);
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
  }
  expect(await told()).toEqual(["alert.fired c", "alert.fired d"]);
  bad.delete("c");
  for (let n = 0; n < 3; n++) await turn(8);
  expect(await told()).toEqual(["alert.fired c", "alert.fired d", "alert.resolved c"]);
  const trail = await edge.sql`
    select action from audit.event where action like 'alert.%' and meta::jsonb->>'subject' = 'c' order by at_us`;
  expect(trail.map(({ action }) => action)).toEqual(["alert.fire", "alert.resolve"]);
  bad.clear();
});

test("a worker killed between the alert and its event leaves nothing, and the next one tells it once", async () => {
  bad.add("e");
  await turn();
  await edge.sql`update federation.alert_turn set at = at - interval '1 minute'`;
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holder = withTx(edge.sql, async (tx) => {
    await tx`lock table federation.webhook_event in share mode`;
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const killed = evaluateAlerts(edge.deps.db.app, [rule]).catch((error: { code: string }) => error.code);
  for (let pid: unknown; pid === undefined;) {
    [{ pid } = { pid: undefined }] = await edge.sql<{ pid: number }[]>`
      select pid from pg_stat_activity where wait_event_type = 'Lock' and query like '%federation.webhook_event%'
        and datname = current_database() and pid <> pg_backend_pid()`;
    if (pid !== undefined) await edge.sql`select pg_terminate_backend(${Number(pid)})`;
  }
  expect(await killed).toBe("database_unavailable");
  held.resolve();
  await holder;
  expect([await told(), await firing()]).toEqual([[], []]);
  await turn();
  await turn();
  expect(await told()).toEqual(["alert.fired e"]);
  bad.clear();
});

test("the snapshot sees each thing that the rules ask for, and no more than there is", async () => {
  const { sql, deps } = edge;
  await edge.addDepartment();
  const sick = await edge.addDepartment();
  const snapshot = () => withTx(deps.db.app, takeSnapshot);
  await sql`delete from federation.department_health`;
  await sql`insert into federation.department_health (department_id, status) values (${sick.id}, 'unhealthy')`;
  const run = Bun.randomUUIDv7();
  await sql`
    insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, lease_owner,
      lease_until, started_at)
    values (${run}, ${sick.id}, 'upgrade', 'running', '', '', '', 'w', now() - interval '20 minutes', now() - interval '2 hours')`;
  await sql`
    insert into federation.step (run_id, name, position, status, started_at)
    values (${run}, 'deploy-agent', 1, 'running', now() - interval '1 hour')`;
  const endpoint = Bun.randomUUIDv7();
  await sql`
    insert into federation.webhook_endpoint (id, kind, url, status, off_reason, created_by)
    values (${endpoint}, 'endpoint', 'https://hooks.example.org/path', 'off', 'gone', 'test'),
      (${Bun.randomUUIDv7()}, 'endpoint', 'https://quiet.example.org/', 'off', 'by_hand', 'test')`;
  await sql`insert into federation.call_budget (name, tokens, refilled_at) values ('railway', 1, now()), ('other', 1, now())`;
  const budgets = createCallBudgets(deps.db.app, { lateSeconds: 5 });
  await budgets.block("railway", 300);
  await sql`update federation.call_budget set blocked_since = now() - interval '11 minutes' where name = 'railway'`;
  await budgets.block("railway", 300);
  await sql`insert into federation.audit_verification (at, ok, problems) values (now(), false, 3)`;
  await sql`select audit.append(${sql.json(
    ["done", "failed", "failed"].map((decision) => ({
      stream: sick.id,
      actor: "refresh",
      actor_kind: "system",
      action: "credential.refresh",
      decision,
    })),
  )})`;
  const key = (name: string, endsInDays: number, usedDaysAgo: number) => sql`
    insert into federation.api_client (id, key_id, name, department_id, secret_hash, scopes, status, expires_at, last_used_at)
    values (${Bun.randomUUIDv7()}, ${name}, ${name}, ${sick.id}, ${Buffer.alloc(32)}, '{}', 'active',
      now() + make_interval(days => ${endsInDays}), now() - make_interval(days => ${usedDaysAgo}))`;
  await key("endssoon", 13, 1);
  await key("endslate", 15, 1);
  await key("endedago", -1, 2);
  await key("unusedxx", 13, 31);
  const seen = await snapshot();
  expect(seen).toMatchObject({
    agents: { count: 2, unhealthy: 1 },
    oldestDue: { queue: "run" },
    refreshes: { tries: 3, failures: 2 },
    audit: { problems: 3 },
    quietRuns: [{ id: run, kind: "upgrade", departmentId: sick.id, department: sick.slug }],
    endpointsOff: [{ id: endpoint, departmentId: null, host: "hooks.example.org", reason: "gone" }],
    expiringKeys: [{ name: "endssoon", departmentId: sick.id, owner: sick.slug }],
    blockedBudgets: [{ name: "railway" }],
  });
  expect(Math.round((seen.oldestDue?.ageSeconds ?? 0) / 60)).toBe(20);
  expect(Math.round((seen.quietRuns[0]?.quietSeconds ?? 0) / 60)).toBe(60);
  expect(Math.round((seen.blockedBudgets[0]?.blockedSeconds ?? 0) / 60)).toBe(11);
  expect(seen.audit.unsealedSeconds).toBeGreaterThan(0);
  expect(seen.connections.used).toBeGreaterThan(0);
  expect(seen.connections.max).toBeGreaterThan(seen.connections.used);
  // All moments are long ago by the rules' own measure: the real ones raise what is wrong here.
  for (let n = 0; n < 2; n++) {
    await sql`update federation.alert_turn set at = at - interval '1 minute'`;
    await evaluateAlerts(deps.db.app);
  }
  expect(await firing()).toEqual([
    "audit_broken",
    "key_expiring",
    "provider_blocked",
    "queue_old",
    "run_stuck",
    "webhook_off",
  ]);
});

test("a verification of the whole audit says whether it is broken, and a later good one ends that", async () => {
  const { sql } = edge;
  await sql`update federation.audit_verification set at = now() - interval '1 minute', ok = false, problems = 3`;
  const verified = await edge.call("GET", "/api/v1/audit/verify", { key: edge.adminKey });
  expect(verified.json.ok).toBe(true);
  const [stored] = await sql`select ok, problems from federation.audit_verification`;
  expect({ ...stored }).toEqual({ ok: true, problems: 0 });
});
