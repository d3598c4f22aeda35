import { expect } from "bun:test";
import postgres from "postgres";
import { z } from "zod";
import type { Sql } from "../../src/db/tx.ts";
import { type Installation, until } from "../helpers/installation.ts";
import { runOf, submitProvision, type TestRun, untilRun } from "./department.ts";
import { auditedActions } from "./expect-department.ts";
import { agentPids } from "./processes.ts";

const directAccess = { database: { direct_access: true } };

/** An active department with a database login of its own. */
export async function provisionWithLogin(at: Installation): Promise<TestRun> {
  const run = await submitProvision(at, undefined, directAccess);
  await untilRun(at, run.id, "succeeded");
  return run;
}

export async function submitLockdown({ client }: Installation, slug: string): Promise<TestRun> {
  return runOf(await client.send("POST", `/departments/${slug}/lockdown`, { reason: "a test locks" }));
}

export async function submitUnlock({ client }: Installation, slug: string): Promise<TestRun> {
  return runOf(await client.send("POST", `/departments/${slug}/unlock`, { reason: "a test unlocks" }));
}

const access = z.object({ user: z.string(), password: z.string() });

/** A session of the department's own database login, open; whoever asked ends it. */
export async function openLogin(at: Installation, slug: string): Promise<Sql> {
  const { user, password } = access.parse(await at.client.get(`/departments/${slug}/database-access`));
  const url = new URL(at.config.databaseUrl?.reveal() ?? "");
  url.username = user;
  url.password = password;
  const sql = postgres(url.href, { max: 1, onnotice: () => {}, backoff: () => 0.05 });
  await sql`select 1`;
  return sql;
}

/** The code with which the login is refused, or "none". */
export async function loginFailure(sql: Sql): Promise<string> {
  return sql`select 1`.then(
    () => "none",
    (error: { code?: string }) => String(error.code),
  );
}

/** Nothing of the department is in force or runs, and it was locked once. */
export async function expectLocked(at: Installation, { department }: TestRun, times = 1): Promise<void> {
  const [row] = await at.sql`
    select status, locked_at is not null as locked, agent_url,
      (select bool_or(rolcanlogin) from pg_roles where rolname = role_name) as login,
      (select count(*)::int from pg_stat_activity where usename = role_name) as sessions,
      (select count(*)::int from federation.api_client c left join federation.member m on m.id = c.member_id
        where d.id in (c.department_id, m.department_id) and c.status <> 'revoked') as keys,
      (select count(*)::int from federation.department_secret where department_id = d.id) as secrets,
      (select count(*)::int from federation.access_grant where d.id in (source, target)
        and status in ('requested', 'approved')) as grants
    from federation.department d where id = ${department}`;
  expect(row).toMatchObject({ status: "suspended", locked: true, agent_url: null, login: false });
  expect(row).toMatchObject({ sessions: 0, keys: 0, secrets: 0, grants: 0 });
  await until("the agent's process is gone", () =>
    Promise.resolve((agentPids(department) ?? []).length === 0),
  );
  expect((await auditedActions(at, department)).get("department.lock")).toBe(times);
}
