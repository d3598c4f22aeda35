import { expect } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { importJWK, type JWK } from "jose";
import { z } from "zod";
import { verifyChain } from "../helpers/verify-chain.ts";
import { verifyDocument } from "../../src/crypto/certificate.ts";
import { findLeftovers } from "../../src/departments/schema/find-leftovers.ts";
import { type Installation, until } from "../helpers/installation.ts";
import type { TestRun } from "./department.ts";
import { agentPids } from "./processes.ts";

/** Everything of an active department is there exactly once, and its trail says so. */
export async function expectMadeOnce(
  at: Installation,
  { department, slug }: TestRun,
  { directAccess = false } = {},
): Promise<void> {
  const { sql, client } = at;
  const [row] = await sql`
    select status, schema_state, agent_url is not null as answers,
      (select count(*)::int from pg_namespace where nspname = schema_name) as schemas,
      (select array_agg(rolcanlogin) from pg_roles where rolname = role_name) as logins,
      (select array_agg(status) from federation.api_client where department_id = d.id) as clients,
      (select array_agg(status) from federation.data_key where department_id = d.id) as keys,
      (select array_agg(name order by name) from federation.department_secret where department_id = d.id) as secrets,
      (select array_agg(kind order by kind) from federation.resource where department_id = d.id and deleted_at is null)
        as resources
    from federation.department d where id = ${department}`;
  expect(row).toEqual({
    status: "active",
    schema_state: "current",
    answers: true,
    schemas: 1,
    logins: [directAccess],
    clients: ["active"],
    keys: ["active"],
    secrets: ["agent_key", "agent_token", ...(directAccess ? ["database_password"] : [])],
    resources: ["api_client", "data_key", "local_agent", "local_project", "role", "schema"],
  } as never);
  const health = await client.get(`/departments/${slug}/health`);
  expect(health["checks"]).toMatchObject({ agent: { status: "ready" } });
  expect(agentPids(department) ?? [1]).toHaveLength(1);
  const actions = await auditedActions(at, department);
  const once = ["department.activate", "schema.create", "key.create", "client.create"];
  expect(once.map((action) => [action, actions.get(action)])).toEqual(once.map((action) => [action, 1]));
  expect(actions.get("resource.create")).toBe(4);
}

/** Nothing of the department is left in the database, on the host, or in force. */
export async function expectGone(at: Installation, { department }: TestRun): Promise<void> {
  const { sql, pools } = at;
  const [row] = await sql`
    select status, schema_state, agent_url, schema_name as "schemaName", role_name as "roleName", suffix, id,
      (select count(*)::int from federation.local_agent where department_id = d.id) as agents,
      (select count(*)::int from federation.department_secret where department_id = d.id) as secrets,
      (select count(*)::int from federation.api_client where department_id = d.id and status <> 'revoked') as clients,
      (select count(*)::int from federation.data_key where department_id = d.id and status <> 'destroyed') as keys,
      (select count(*)::int from federation.resource where department_id = d.id and deleted_at is null) as resources
    from federation.department d where id = ${department}`;
  expect(row).toMatchObject({ status: "deprovisioned", schema_state: "absent", agent_url: null });
  expect(row).toMatchObject({ agents: 0, secrets: 0, clients: 0, keys: 0, resources: 0 });
  const { provisioner } = pools;
  if (!provisioner) throw new Error("no provisioner");
  expect(await findLeftovers(provisioner, row as never)).toEqual([]);
  await until("the agent's process is gone", () =>
    Promise.resolve((agentPids(department) ?? []).length === 0),
  );
  await auditedActions(at, department);
}

const jwks = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) });

/** As `expectGone`, after a deprovision: one certificate, by a key of the JWKS, and one end in the trail. */
export async function expectDeprovisionedOnce(at: Installation, run: TestRun): Promise<void> {
  await expectGone(at, run);
  const [certificate] = await at.sql<
    { document: never; signature: string; kid: string; archive: string; resources: number }[]
  >`
    select c.document, c.signature, c.kid,
      (select split_part(location, '/', -1) from federation.archive a where a.department_id = c.department_id) as archive,
      (select count(*)::int from federation.resource r
      where r.department_id = c.department_id and verified_absent_at is not null) as resources
    from federation.certificate c where department_id = ${run.department} and run_id = ${run.id}`;
  if (!certificate) throw new Error("there is no certificate");
  expect(certificate.resources).toBe(6);
  expect(await readdir(join(at.config.dataDirectory, "artifacts/archives", run.department))).toEqual([
    certificate.archive,
  ]);
  const answer = await fetch(new URL("/.well-known/jwks.json", at.url));
  const jwk = jwks.parse(await answer.json()).keys.find((key) => key.kid === certificate.kid);
  const key = await importJWK(jwk as JWK, "EdDSA");
  expect(await verifyDocument(key as CryptoKey, certificate)).toBe(true);
  const actions = await auditedActions(at, run.department);
  const once = ["department.suspend", "schema.drop", "client.revoke", "key.destroy"];
  const all = [...once, "department.verify_absent", "department.deprovisioned"];
  expect(all.map((action) => [action, actions.get(action)])).toEqual(all.map((action) => [action, 1]));
}

/** How often each action is in the department's trail, which must be whole up to its head. */
export async function auditedActions(at: Installation, department: string): Promise<Map<string, number>> {
  const rows = await at.sql`select * from audit.event where stream = ${department} order by seq`;
  const [head] =
    await at.sql`select encode(hash, 'hex') as hash from audit.head where stream = ${department}`;
  expect(verifyChain(rows as never)).toEqual({ ok: true, head: String(head?.["hash"]) });
  const actions = new Map<string, number>();
  for (const { action } of rows) actions.set(String(action), (actions.get(String(action)) ?? 0) + 1);
  return actions;
}
