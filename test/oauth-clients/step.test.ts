import { afterAll, beforeAll, expect, test } from "bun:test";
import { oauthClient } from "../../jobs/steps/oauth-client.ts";
import { revokeOauth } from "../../jobs/steps/revoke-oauth.ts";
import type { Sql, Tx } from "../../src/db/tx.ts";
import { tendPool } from "../../src/oauth-clients/tend-pool.ts";
import type { JobContext } from "../../src/provisioning/worker-deps.ts";
import { createSigningKeys } from "../../src/tokens/signing-keys.ts";
import { type ConsentWorld, consentWorld } from "../credentials/consent-world.ts";

let world: ConsentWorld;
beforeAll(async () => {
  world = await consentWorld();
});
afterAll(() => world.close());

type Side = Awaited<ReturnType<ConsentWorld["addDepartment"]>>;

/** A step's context over a run that this test holds; `lost`: another worker took it over meanwhile. */
async function hold(side: Side, step: string): Promise<JobContext & { lost(): Promise<void> }> {
  const { sql, deps } = world.edge;
  const [id, requestId] = [Bun.randomUUIDv7(), Bun.randomUUIDv7()];
  await sql`delete from federation.run where department_id = ${side.id}`;
  await sql`insert into federation.run (id, department_id, kind, status, epoch, lease_owner, lease_until, input_hash,
      requested_by, request_id)
    values (${id}, ${side.id}, 'provision', 'running', 1, 'test', now() + interval '1 hour', '', 'test', ${requestId})`;
  await sql`insert into federation.step (run_id, name, position, status, attempt, started_at)
    values (${id}, ${step}, 1, 'running', 1, now())`;
  const fence = async (tx: Sql | Tx = deps.db.app) =>
    void (await tx`select federation.fence(${id}, 1, ${step}, 1)`);
  const { app, gateway, provisioner } = deps.db;
  if (!provisioner) throw new Error("no provisioner");
  const signingKeys = createSigningKeys({ sql: app, vault: deps.vault });
  const department = {
    ...side,
    name: "Test",
    host: "local",
    region: null,
    release: "1",
    adminEmail: "a@example.org",
  };
  return {
    deps: { ...deps, db: { app, gateway, provisioner }, signingKeys, hosts: new Map() },
    run: {
      id,
      kind: "provision",
      epoch: 1,
      owner: "test",
      status: "running",
      cancelRequested: false,
      input: {},
      requestedBy: "test",
      requestId,
      traceParent: null,
      department: { ...department, suffix: side.schemaName.slice(2), configVersion: 1 },
    },
    step,
    attempt: 1,
    idempotencyKey: `${id}:${step}`,
    signal: new AbortController().signal,
    fence,
    output: () => undefined,
    lost: async () => void (await sql`update federation.run set epoch = 2 where id = ${id}`),
  };
}

const clientOf = async (side: Side) => {
  const [row] = await world.edge
    .sql`select client_id from federation.oauth_client where department_id = ${side.id}`;
  return row?.["client_id"];
};
const statusOf = async (id: string) => {
  const [row] = await world.edge.sql`select status from federation.oauth_client where id = ${id}`;
  return row?.["status"];
};
const credentials = async (side: Side) => {
  const rows = await world.edge
    .sql`select status from federation.credential where department_id = ${side.id}`;
  return rows.map(({ status }) => String(status));
};
const emptyPool = () =>
  world.edge
    .sql`update federation.oauth_client set status = 'retired', secret_sealed = null where status = 'free'`;

test("without a pool, and without a tool that needs Google, the step is skipped with the reason", async () => {
  const side = await world.addDepartment();
  expect(await oauthClient.run(await hold(side, "oauth-client"))).toEqual({
    kind: "skip",
    reason: "Google is not configured: no OAuth client pool",
  });
  await world.addClient();
  await world.edge.sql`update federation.department_config
    set document = document || '{"enabled_tools": ["database"]}' where department_id = ${side.id}`;
  expect(await oauthClient.run(await hold(side, "oauth-client"))).toEqual({
    kind: "skip",
    reason: "No tool needs Google",
  });
  expect([await clientOf(side), await credentials(side)]).toEqual([undefined, []]);
});

test("run twice the step leases once; run by a worker that was taken over it leaves nothing", async () => {
  const side = await world.addDepartment();
  const client = await world.addClient();
  await world.addClient();
  const late = await hold(side, "oauth-client");
  await late.lost();
  await expect(oauthClient.run(late)).rejects.toThrow("lease lost");
  expect([await clientOf(side), await credentials(side)]).toEqual([undefined, []]);
  const ctx = await hold(side, "oauth-client");
  const first = await oauthClient.run(ctx);
  expect(first).toMatchObject({ kind: "done", output: { leased: true } });
  expect(await oauthClient.run(ctx)).toEqual(first);
  expect(await credentials(side)).toEqual(["pending_consent"]);
  const [resource] = await world.edge.sql`select count(*)::int as count from federation.resource
    where department_id = ${side.id} and kind = 'oauth_client' and deleted_at is null`;
  expect(resource?.["count"]).toBe(1);
  expect(await statusOf(client.id)).toBeOneOf(["leased", "free"]);
});

test("an undo gives back a client that nobody consented through as it was, and cools one that was used; twice is once", async () => {
  await emptyPool();
  const side = await world.addDepartment();
  const client = await world.addClient();
  const ctx = await hold(side, "oauth-client");
  await oauthClient.run(ctx);
  await oauthClient.undo?.(ctx);
  await oauthClient.undo?.(ctx);
  expect([await statusOf(client.id), await clientOf(side)]).toEqual(["free", undefined]);
  await oauthClient.run(ctx);
  expect((await world.consent(side)).status).toBe(200);
  await oauthClient.undo?.(ctx);
  expect([await statusOf(client.id), await credentials(side)]).toEqual(["cooling", ["revoked", "revoked"]]);
});

test("with an empty pool the department comes alive without a client, and leases one at the consent", async () => {
  await emptyPool();
  const side = await world.addDepartment();
  const result = await oauthClient.run(await hold(side, "oauth-client"));
  expect(result).toEqual({ kind: "done", output: { leased: false, client_id: null } });
  expect(await credentials(side)).toEqual(["pending_consent"]);
  await world.addClient();
  expect((await world.consent(side)).status).toBe(200);
  expect(await credentials(side)).toEqual(["active"]);
});

test("a worker that dies after Google revoked leaves a step that ends the same when it is run again", async () => {
  await world.addClient();
  const side = await world.addDepartment();
  expect((await world.consent(side)).status).toBe(200);
  const dying = await hold(side, "revoke-oauth");
  const { oauth } = dying.deps;
  const before = world.google.counts.revoke;
  const revoke: typeof oauth.revoke = async (request) => {
    await oauth.revoke(request);
    await dying.lost();
  };
  await expect(
    revokeOauth.run({ ...dying, deps: { ...dying.deps, oauth: { ...oauth, revoke } } }),
  ).rejects.toThrow("lease lost");
  expect([world.google.counts.revoke, await credentials(side)]).toEqual([before + 1, ["active"]]);
  const ctx = await hold(side, "revoke-oauth");
  expect(await revokeOauth.run(ctx)).toEqual({ kind: "done", output: { revocation: "revoked" } });
  expect([await credentials(side), await clientOf(side)]).toEqual([["revoked"], undefined]);
  expect(await revokeOauth.run(ctx)).toMatchObject({ kind: "skip" });
});

test("a cooled client is free again when its time is over, an idle one is used once a month, a used one is left alone", async () => {
  await emptyPool();
  const [cooled, cooling, idle, fresh] = [
    await world.addClient(),
    await world.addClient(),
    await world.addClient(),
    await world.addClient(),
  ];
  const { sql, deps } = world.edge;
  await sql`update federation.oauth_client set last_used_at = now()`;
  await sql`update federation.oauth_client set status = 'cooling', cooling_until = now() - interval '1 second' where id = ${cooled.id}`;
  await sql`update federation.oauth_client set status = 'cooling', cooling_until = now() + interval '1 hour' where id = ${cooling.id}`;
  await sql`update federation.oauth_client set last_used_at = now() - interval '31 days' where id = ${idle.id}`;
  const calls = world.google.counts.refresh;
  expect(await tendPool(deps)).toEqual({ freed: 1, touched: 1 });
  expect(await tendPool(deps)).toEqual({ freed: 0, touched: 0 });
  expect(world.google.counts.refresh).toBe(calls + 1);
  const all = [cooled, cooling, idle, fresh].map(({ id }) => statusOf(id));
  expect(await Promise.all(all)).toEqual(["free", "cooling", "free", "free"]);
});

test("an idle client is tried again when Google could not answer", async () => {
  const client = await world.addClient();
  const { sql, deps } = world.edge;
  await sql`update federation.oauth_client set last_used_at = now() - interval '31 days' where id = ${client.id}`;
  world.google.failNext({ kind: "drop" });
  expect((await tendPool(deps)).touched).toBe(0);
  expect((await tendPool(deps)).touched).toBe(1);
});
