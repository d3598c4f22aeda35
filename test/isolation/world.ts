import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { createSealer, padsOf } from "../../src/crypto/call-seal.ts";
import type { Sql, Tx } from "../../src/db/tx.ts";
import { createDepartmentSchema } from "../../src/departments/schema/create-schema.ts";
import { withDepartment } from "../../src/gateway/with-department.ts";
import { testDatabase } from "../helpers/postgres.ts";

export interface Department {
  id: string;
  suffix: string;
  schemaName: string;
  roleName: string;
}

export interface Question {
  caller: string;
  client: string;
  target: string;
  kind: string;
  params: string;
  reason: string;
  requester: string;
  requestId: string;
  expiresUs: bigint;
  seal: Buffer;
}

/** A database of one's own with a seal key of its own, and every role's pool on its own login. */
export async function isolationWorld() {
  const database = await testDatabase();
  const key = randomBytes(32);
  const open = (url: string, max = 4): Sql =>
    postgres(url, { max, onnotice: () => {}, connection: { search_path: "pg_catalog" } });
  const admin = open(database.adminUrl);
  const world = {
    ...sealers(key),
    adminUrl: database.adminUrl,
    gatewayUrl: database.gatewayUrl,
    admin,
    app: open(database.appUrl),
    gateway: open(database.gatewayUrl),
    provisioner: open(database.provisionerUrl),
    open,
    /** A department in the control tables, active, with a schema unless told otherwise. */
    async addDepartment({ schema = true } = {}): Promise<Department> {
      const department = generateNames();
      await admin`insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
        values (${department.id}, ${`x-${department.suffix}`}, 'Test', 'active', ${department.suffix}, 'local', '1', 'a@example.org')`;
      await admin`select audit.open_stream(${department.id})`;
      if (schema) await createDepartmentSchema(world.provisioner, department);
      return department;
    },
    async addDocument(department: Department, name: string, text = "secret text"): Promise<string> {
      const row = { id: Bun.randomUUIDv7(), source: "test", external_id: Bun.randomUUIDv7(), name, text };
      const access = { sql: world.gateway, seal: world.sealOwn };
      await withDepartment(
        access,
        department,
        (tx) => tx`insert into ${tx(department.schemaName)}.document ${tx(row)}`,
      );
      return row.id;
    },
    async grant(source: Department, target: Department, permission: string, resource = "*"): Promise<string> {
      const id = Bun.randomUUIDv7();
      await admin`insert into federation.access_grant
        (id, source, target, permission, resource, status, requested_by, approved_by, reason, expires_at)
        values (${id}, ${source.id}, ${target.id}, ${permission}, ${resource}, 'approved', 'a', 'b', 'test',
          clock_timestamp() + interval '1 hour')`;
      return id;
    },
    async close() {
      await Promise.all(
        [admin, world.app, world.gateway, world.provisioner].map((sql) => sql.end({ timeout: 2 })),
      );
      await database.close();
    },
  };
  const { inner, outer } = padsOf(key);
  await admin`insert into federation.rate_policy (kind, hits, window_seconds)
    values ('department', 100, 60), ('pair', 100, 60), ('key', 100, 60)`;
  await admin`insert into gateway.seal_key (id, inner_pad, outer_pad, not_after)
    values (100, ${inner}, ${outer}, 'infinity')`;
  return world;
}

export type World = Awaited<ReturnType<typeof isolationWorld>>;

export function generateNames(): Department {
  const letters = "abcdefghijklmnopqrstuvwxyz234567";
  const suffix = Array.from(randomBytes(12), (byte) => letters[byte % 32]).join("");
  return { id: Bun.randomUUIDv7(), suffix, schemaName: `t_${suffix}`, roleName: `d_${suffix}` };
}

/** One call of gateway.open or gateway.read with all its arguments. */
export async function callGateway(sql: Sql, verb: "open" | "read", question: Question): Promise<unknown> {
  const [row] = await sql<[{ answer: unknown }]>`
    select ${sql(`gateway.${verb}`)}(${callOf(sql, question)}, ${question.seal}) as answer`;
  return row.answer;
}

export const callOf = (sql: Sql | Tx, call: Question) => sql`
  row(${call.caller}::uuid, ${call.client}::uuid, ${call.target}::text, ${call.kind}::text, ${call.params}::text,
    ${call.reason}::text, ${call.requester}::text, ${call.requestId}::uuid, ${String(call.expiresUs)}::bigint)::gateway.call`;

/** The code a statement fails with, or "none". */
export async function failureOf(query: Promise<unknown>): Promise<string> {
  try {
    await query;
    return "none";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

function sealers(key: Buffer) {
  const sealer = createSealer(key);
  const expiryUs = () => BigInt(Date.now() + 10_000) * 1000n;
  const sealOwn = (id: string) => sealer.sealOwn(id, expiryUs());
  /** A question whose `parts` were sealed with it, as wrong code of ours would. */
  const sealed = (
    caller: string,
    target: string,
    kind: string,
    params: object,
    parts: Partial<Question> = {},
  ): Question => {
    const call = {
      ...{
        caller,
        client: caller,
        target,
        kind,
        params: JSON.stringify(params),
        reason: "test",
        requester: "{}",
      },
      requestId: Bun.randomUUIDv7(),
      expiresUs: expiryUs(),
      ...parts,
    };
    return { ...call, seal: sealer.sealCall(call) };
  };
  return {
    sealOwn,
    sealOwnUntil: sealer.sealOwn,
    /** What the vault calls it. */
    sealOwnContext: sealOwn,
    /** A question with its seal; `over` replaces parts after it was sealed, as an attacker would. */
    question: (
      caller: string,
      target: string,
      kind: string,
      params: object,
      over: Partial<Question> = {},
    ) => ({
      ...sealed(caller, target, kind, params),
      ...over,
    }),
    sealed,
  };
}
