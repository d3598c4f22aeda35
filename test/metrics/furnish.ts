import type { Edge } from "../http/edge.ts";

/** Puts something of everything that is measured into the tables, past the API. */
export async function furnish(edge: Edge, departmentId: string): Promise<void> {
  await addRuns(edge, departmentId);
  await addProviders(edge, departmentId);
  await addTrouble(edge, departmentId);
}

async function addRuns({ sql }: Edge, departmentId: string) {
  const runs = [
    Bun.randomUUIDv7(),
    Bun.randomUUIDv7(),
    "01800000-0000-7000-8000-000000000000",
    Bun.randomUUIDv7(),
  ];
  const [first = "", second = "", old = "", parked = ""] = runs;
  for (const id of [first, second, old])
    await sql`
      insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, finished_at, takeovers)
      values (${id}, ${departmentId}, 'provision', 'succeeded', '', '', '', now(), ${id === first ? 2 : 0})`;
  await sql`
    insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, error_code,
      error_message, wake_at, takeovers)
    values (${parked}, ${departmentId}, 'provision', 'failed', '', '', '', 'broken', 'It broke.', now() - interval '2 minutes', 1)`;
  const step = (run: string, name: string, seconds: number) => sql`
    insert into federation.step (run_id, name, position, status, started_at, finished_at, failures, queue_seconds)
    values (${run}, ${name}, 1, 'done', now() - make_interval(secs => ${seconds}), now(), 1, 1)`;
  await step(first, "database", 4);
  await step(second, "database", 5);
  await step(old, "preflight", 1);
  await sql`insert into pgboss.job (name, state) values ('check-drift', 'failed')`;
  await sql`insert into pgboss.job (name, state, start_after) values ('run', 'created', now() - interval '2 minutes')`;
}

async function addProviders({ sql }: Edge, departmentId: string) {
  for (const n of [1, 2])
    await sql`
      insert into federation.oauth_client (id, client_id, secret_sealed, project, origin, status)
      values (gen_random_uuid(), ${`client-${n}`}, 'sealed hunter2', 'p', 'pool', 'free')`;
  await sql`
    insert into federation.credential (id, department_id, service, status, scopes_wanted, failures, failure_code)
    values (gen_random_uuid(), ${departmentId}, 'google', 'needs_consent', '{a}', 3, 'invalid_grant')`;
  await sql`
    insert into federation.call_budget (name, tokens, refilled_at, blocked_until)
    values ('railway 1', 12.5, now(), now() + interval '10 minutes')`;
  await sql`
    insert into federation.call_waiter (budget, holder, since, due_at)
    values ('railway 1', 'someone', now() - interval '1 minute', now())`;
}

async function addTrouble({ sql }: Edge, departmentId: string) {
  const [endpoint, event] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  await sql`
    insert into federation.webhook_endpoint (id, kind, url, status, off_reason, created_by)
    values (${endpoint}, 'endpoint', 'https://example.org/hunter2', 'off', 'failing', 'test')`;
  for (const [id, status, due] of [
    [event, "waiting", sql`now() - interval '2 minutes'`],
    [Bun.randomUUIDv7(), "failed", null],
    [Bun.randomUUIDv7(), "delivered", null],
  ] as const) {
    await sql`insert into federation.webhook_event (id, type, data) values (${id}, 'a.b', '{}')`;
    await sql`
      insert into federation.webhook_delivery (endpoint_id, event_id, status, due_at)
      values (${endpoint}, ${id}, ${status}, ${due})`;
  }
  await sql`
    update federation.department_health set status = 'unhealthy', checked_at = now() where department_id = ${departmentId}`;
  await sql`
    insert into federation.alert (id, name, subject, department_id, severity, summary, status)
    values (gen_random_uuid(), 'agent_down', ${departmentId}, ${departmentId}, 'critical', 'It is down: hunter2.', 'firing')`;
  const [release, rollout] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  await sql`
    insert into federation.release (id, name, templates, schema_version, source_environment, created_by)
    values (${release}, 'r1', '{}', 1, 'development', 'test')`;
  await sql`
    insert into federation.rollout (id, release_id, status, batch_size, failures_max, gate_seconds, rollback, created_by, request_id)
    values (${rollout}, ${release}, 'paused', 10, 0, 60, 'failed', 'test', 'test')`;
  await sql`insert into federation.rollout_department (rollout_id, department_id, batch) values (${rollout}, ${departmentId}, 1)`;
}
