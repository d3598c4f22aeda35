import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import postgres from "postgres";
import { raiseAlert } from "../../src/alerts/raise.ts";
import { withTx } from "../../src/db/tx.ts";
import { readDatabase } from "../../src/metrics/read-database.ts";
import { departmentScopes, roleScopes } from "../../src/members/scopes.ts";
import { type Edge, type TestDepartment, testEdge } from "../http/edge.ts";
import { furnish } from "./furnish.ts";
import { parseText } from "./parse-text.ts";
import { promtool, runPromtool } from "./promtool.ts";

let edge: Edge;
let department: TestDepartment;
beforeAll(async () => {
  edge = await testEdge();
  department = await edge.addDepartment();
  await furnish(edge, department.id);
});
afterAll(() => edge.close());

const scrape = (key: string | undefined = edge.adminKey) => edge.call("GET", "/metrics", { key });
const now = async (sql = edge.deps.db.app) => {
  const families = await readDatabase({ sql, log: edge.deps.log });
  return (name: string, labels: Record<string, string> = {}) =>
    families
      .find((family) => family.name === name)
      ?.samples.filter((sample) =>
        Object.entries(labels).every(([label, value]) => sample.labels?.[label] === value),
      )
      .map(({ value }) => value);
};

test("people who watch the platform may read it: admins, operators, auditors", async () => {
  for (const role of ["admin", "operator", "auditor"] as const) {
    const { key } = await edge.addMember(role, roleScopes[role]);
    expect([role, (await scrape(key)).status]).toEqual([role, 200]);
  }
  const { key } = await edge.addMember("auditor", ["metrics:read"]);
  expect((await scrape(key)).status).toBe(200);
});

test("an agent's and a department admin's key get 403, also with the scope written into them", async () => {
  const own = await edge.addMember("department_admin", roleScopes.department_admin, department.id);
  const grown = await edge.addMember("department_admin", ["metrics:read"], department.id);
  await edge.sql`
    update federation.api_client set scopes = ${[...departmentScopes, "metrics:read"]} where key_id = ${department.keyId}`;
  for (const key of [department.key, own.key, grown.key]) {
    const reply = await scrape(key);
    expect([reply.status, reply.text.includes("federation_")]).toEqual([403, false]);
  }
  expect((await edge.call("GET", "/metrics")).status).toBe(401);
});

test("the answer is Prometheus' text, every family once, with help and type", async () => {
  const reply = await scrape();
  expect(reply.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(reply.headers.get("cache-control")).toBe("no-store");
  const families = [...parseText(reply.text)];
  expect(families.length).toBeGreaterThan(40);
  for (const [name, { type, help }] of families)
    expect([name, type, help.length > 5]).toEqual([
      name,
      expect.stringMatching(/^(gauge|counter|histogram)$/),
      true,
    ]);
});

test.skipIf(promtool === null)("promtool finds nothing to say about it", async () => {
  await scrape();
  const checked = await runPromtool(["check", "metrics"], (await scrape()).text);
  expect(checked).toEqual({ exitCode: 0, output: "" });
});

test("the answer holds no secret, no address and no id of a department", async () => {
  const { text } = await scrape();
  const { app, gateway } = { app: edge.database.appUrl, gateway: edge.database.gatewayUrl };
  const secrets = [
    edge.adminKey,
    department.key,
    new URL(app).password,
    new URL(gateway).password,
    "hunter2",
  ];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  expect(text).not.toMatch(/@|[0-9a-f]{8}-[0-9a-f]{4}|:\/\/|fedc1\./);
});

test("the figures are those of the tables", async () => {
  const value = await now();
  expect(value("federation_runs", { kind: "provision", status: "failed" })).toEqual([1]);
  expect(value("federation_run_takeovers_total", { kind: "provision" })).toEqual([3]);
  expect(value("federation_run_due_oldest_seconds")?.[0]).toBeGreaterThan(100);
  expect(value("federation_run_oldest_seconds", { status: "succeeded" })).toEqual([]);
  expect(value("federation_step_recent_done", { step: "database" })).toEqual([2]);
  expect(value("federation_step_recent_seconds", { step: "database" })).toEqual([7]);
  expect(value("federation_step_recent_longest_seconds", { step: "database" })).toEqual([4]);
  expect(value("federation_step_recent_done", { step: "preflight" })).toEqual([]);
  expect(value("federation_jobs", { queue: "check-drift", state: "failed" })).toEqual([1]);
  expect(value("federation_jobs", { queue: "run", state: "waiting" })).toEqual([1]);
  expect(value("federation_job_oldest_seconds", { queue: "run" })?.[0]).toBeGreaterThan(100);
  expect(value("federation_job_oldest_seconds", { queue: "keep-house" })).toEqual([0]);
  expect(value("federation_departments", { status: "active" })).toEqual([1]);
  expect(value("federation_departments_health", { status: "unhealthy" })).toEqual([1]);
  expect(value("federation_department_unhealthy", { department: department.slug })).toEqual([1]);
  expect(value("federation_credentials", { status: "needs_consent" })).toEqual([1]);
  expect(value("federation_credentials_failing")).toEqual([1]);
  expect(value("federation_oauth_clients", { status: "free" })).toEqual([2]);
  expect(value("federation_call_budget_tokens", { budget: "railway 1" })).toEqual([12.5]);
  expect(value("federation_call_budget_blocked_seconds", { budget: "railway 1" })?.[0]).toBeGreaterThan(500);
  expect(value("federation_call_budget_waiting", { budget: "railway 1" })).toEqual([1]);
  expect(value("federation_audit_unsealed_events")?.[0]).toBeGreaterThan(0);
  expect(value("federation_audit_checkpoint_age_seconds")).toEqual([Infinity]);
  expect(value("federation_webhook_deliveries", { status: "waiting" })).toEqual([1]);
  expect(value("federation_webhook_deliveries", { status: "failed" })).toEqual([1]);
  expect(value("federation_webhook_delivery_overdue_seconds")?.[0]).toBeGreaterThan(100);
  expect(value("federation_webhook_endpoints_off")).toEqual([1]);
  expect(value("federation_alerts_firing", { name: "agent_down", severity: "critical" })).toEqual([1]);
  expect(value("federation_rollouts", { status: "paused" })).toEqual([1]);
  expect(value("federation_rollout_departments", { status: "pending" })).toEqual([1]);
  expect(value("federation_pg_connections")?.[0]).toBeGreaterThan(0);
  expect(value("federation_pg_connections_max")?.[0]).toBeGreaterThan(50);
  expect(value("federation_metrics_group_up")?.every((up) => up === 1)).toBe(true);
});

test("a hundred departments cost as many statements as one, and name fifty at most", async () => {
  const statements: string[] = [];
  const sql = postgres(edge.database.appUrl, {
    max: 1,
    debug: (_connection, query) => statements.push(query),
  });
  try {
    await now(sql);
    const begun = statements.length;
    await now(sql);
    const forOne = statements.length - begun;
    await edge.sql`
      insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
      select gen_random_uuid(), 'many-' || n, 'Many', 'active', translate(lpad(n::text, 12, 'a'), '0189', 'xyzw'), 'local', '1', 'a@example.org'
      from generate_series(1, 100) n`;
    await edge.sql`
      update federation.department_health h set status = 'unhealthy', checked_at = now()
      from federation.department d where d.id = h.department_id and d.slug like 'many-%'`;
    const before = statements.length;
    const value = await now(sql);
    expect(statements.length - before).toBe(forOne);
    expect(forOne).toBeLessThan(60);
    expect(value("federation_departments_health", { status: "unhealthy" })).toEqual([101]);
    expect(value("federation_department_unhealthy")?.length).toBe(50);
  } finally {
    await sql.end();
    await edge.sql`delete from federation.department where slug like 'many-%'`;
  }
});

test("scrapes that come together, or right after one another, look once", async () => {
  const own = await testEdge();
  const read = async () => (await own.call("GET", "/metrics", { key: own.adminKey })).text;
  try {
    const texts = await Promise.all([read(), read(), read()]);
    await withTx(own.sql, (tx) =>
      raiseAlert(tx, { name: "later", subject: "", severity: "warning", summary: "Later." }),
    );
    texts.push(await read());
    expect(texts.filter((text) => text.includes('federation_alerts_firing{name="later"'))).toEqual([]);
    const looked = await readDatabase({ sql: own.deps.db.app, log: own.deps.log });
    expect(looked.find(({ name }) => name === "federation_alerts_firing")?.samples).toHaveLength(1);
  } finally {
    await own.close();
  }
});

test("a group that cannot be read is left out and says so; the others and the process' own are there", async () => {
  await edge.sql`alter table federation.alert rename to alert_gone`;
  try {
    const value = await now();
    expect(value("federation_metrics_group_up", { group: "alerts" })).toEqual([0]);
    expect(value("federation_metrics_group_up", { group: "rollouts" })).toEqual([1]);
    expect(value("federation_alerts_firing")).toBeUndefined();
  } finally {
    await edge.sql`alter table federation.alert_gone rename to alert`;
  }
});

test("a statement that does not end is cut off, and the rest is answered", async () => {
  const holder = postgres(edge.database.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await holder`begin`;
    await holder`lock table federation.call_budget in access exclusive mode`;
    const value = await now();
    expect(value("federation_metrics_group_up", { group: "call_budgets" })).toEqual([0]);
    expect(value("federation_metrics_group_up", { group: "rollouts" })).toEqual([1]);
  } finally {
    await holder`rollback`;
    await holder.end();
  }
});

test("requests are counted by pattern, and what somebody invents adds no series", async () => {
  await edge.call("GET", `/api/v1/departments/${department.id}`, { key: edge.adminKey });
  await edge.call("GET", "/nowhere/at/all");
  await edge.call("GET", `/nowhere/${Bun.randomUUIDv7()}`);
  await edge.app.request("/healthz", { method: "PURGE" });
  await edge.call("GET", "/sign-in");
  const samples = parseText((await scrape()).text).get("federation_http_request_duration_seconds")?.samples;
  const counted = (samples ?? []).filter(({ name }) => name.endsWith("_count")).map(({ labels }) => labels);
  expect(counted).toContainEqual({ route: "/api/v1/departments/:id", method: "GET", status: "2xx" });
  expect(counted).toContainEqual({ route: "none", method: "GET", status: "4xx" });
  expect(counted).toContainEqual({ route: "none", method: "other", status: "4xx" });
  expect(counted).toContainEqual({ route: "console", method: "GET", status: "2xx" });
  const routes = new Set(edge.app.routes.map(({ path }) => path));
  const invented = counted.filter(
    ({ route = "" }) => !routes.has(route) && !["none", "console"].includes(route),
  );
  expect(invented).toEqual([]);
});

test("questions are counted by how they were decided", async () => {
  const ask = (target: string) =>
    edge.call("POST", "/api/v1/cross-dept/query", {
      key: department.key,
      body: { target_department_id: target, query_type: "list_events", query_params: {}, reason: "test" },
    });
  expect((await ask(department.id)).status).toBe(200);
  expect((await ask("nobody")).status).toBe(403);
  const samples = parseText((await scrape()).text).get(
    "federation_gateway_question_duration_seconds",
  )?.samples;
  const counts = (samples ?? []).filter(({ name }) => name.endsWith("_count"));
  expect(counts.map(({ labels, value }) => [labels["decision"], value])).toEqual([
    ["allowed", 1],
    ["denied", 1],
  ]);
});

test("what a department's login, or a stranger, calls itself is not shown", async () => {
  const role = edge.sql(department.roleName);
  await edge.sql`alter role ${role} login password 'p'`;
  await edge.sql`grant connect on database ${edge.sql(edge.database.name)} to ${role}`;
  const url = new URL(edge.database.adminUrl);
  const stranger = postgres(url.href, { max: 1, connection: { application_name: "hunter2" } });
  [url.username, url.password] = [department.roleName, "p"];
  const tenant = postgres(url.href, { max: 1, connection: { application_name: "federation web" } });
  try {
    await Promise.all([stranger`select 1`, tenant`select 1`]);
    const families = await readDatabase({ sql: edge.deps.db.app, log: edge.deps.log });
    const sessions = families.find(({ name }) => name === "federation_pg_sessions")?.samples ?? [];
    const tenants = sessions.filter(({ labels }) => labels?.["login"] === "department");
    expect(tenants.map(({ labels, value }) => [labels?.["application"], value])).toEqual([["other", 1]]);
    expect(JSON.stringify(sessions)).not.toContain("hunter2");
    expect(JSON.stringify(sessions)).not.toContain(department.roleName);
  } finally {
    await Promise.all([stranger.end(), tenant.end()]);
    await edge.sql`alter role ${role} nologin password null`;
  }
});

test("keys that held everything of before get the scope by the migration, and no other key does", async () => {
  const before = roleScopes.operator.filter((scope) => scope !== "metrics:read");
  const keys = {
    operator: await edge.addMember("operator", before),
    less: await edge.addMember(
      "operator",
      before.filter((scope) => scope !== "keys:write"),
    ),
    auditor: await edge.addMember("auditor", ["departments:read", "audit:read"]),
    tenant: await edge.addMember("department_admin", before, department.id),
  };
  const file = await Bun.file(join(import.meta.dir, "../../sql/0024_metrics.sql")).text();
  const update = /^update .*?;$/ms.exec(file)?.[0] ?? "";
  expect(update).toContain("metrics:read");
  await edge.sql.unsafe(update);
  const has = async (keyId: string) =>
    (
      await edge.sql<{ has: boolean }[]>`
        select scopes @> '{metrics:read}' as has from federation.api_client where key_id = ${keyId}`
    )[0]?.has;
  const found = await Promise.all(
    Object.entries(keys).map(async ([name, { keyId }]) => [name, await has(keyId)]),
  );
  expect(Object.fromEntries(found)).toEqual({ operator: true, less: false, auditor: true, tenant: false });
});
