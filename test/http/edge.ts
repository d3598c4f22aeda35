import { expect } from "bun:test";
import { pino } from "pino";
import postgres from "postgres";
import { createApp } from "../../src/app.ts";
import { openArtifacts } from "../../src/artifacts/artifacts.ts";
import { loadConfig } from "../../src/config.ts";
import { mintApiKey } from "../../src/crypto/api-key.ts";
import { environmentKeyProvider } from "../../src/crypto/kek.ts";
import { prepareInstallation } from "../../src/installation/prepare-installation.ts";
import { Secret } from "../../src/crypto/secret.ts";
import { createAccessTokens } from "../../src/credentials/access-tokens.ts";
import { createVault } from "../../src/crypto/vault.ts";
import { openPools } from "../../src/db/pools.ts";
import { createDepartmentSchema } from "../../src/departments/schema/create-schema.ts";
import { randomSuffix } from "../../src/departments/suffix.ts";
import { documentedRoutes } from "../../src/http/openapi.ts";
import { createFirstAdmin } from "../../src/members/create-first-admin.ts";
import { agentScopes, type Scope } from "../../src/members/scopes.ts";
import { createOAuthProvider } from "../../src/providers/google/create-oauth-provider.ts";
import { createAgentClient } from "../../src/providers/agents/client.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import { openQueue } from "../../src/queue/queue.ts";
import { testDatabase } from "../helpers/postgres.ts";
import { noTracer } from "../../src/traces/tracer.ts";

export interface Call {
  key?: string | undefined;
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  text?: string | Uint8Array;
  headers?: Record<string, string>;
}

export interface Reply {
  status: number;
  headers: Headers;
  json: ReturnType<typeof JSON.parse>;
  text: string;
}

export interface TestDepartment {
  id: string;
  slug: string;
  key: string;
  keyId: string;
  schemaName: string;
  roleName: string;
}

export type Edge = Awaited<ReturnType<typeof testEdge>>;

/** The whole edge over a database of its own, with a first admin; log lines are kept. */
export async function testEdge({
  issuer = "http://127.0.0.1:1",
  anchor,
  environment = {},
}: { issuer?: string; anchor?: string; environment?: Record<string, string> } = {}) {
  const database = await testDatabase();
  const kek = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
  const config = loadConfig({
    DATABASE_URL: database.appUrl,
    DATABASE_GATEWAY_URL: database.gatewayUrl,
    DATABASE_ADMIN_URL: database.provisionerUrl,
    FEDERATION_KEK: kek,
    PUBLIC_URL: "http://federation.test",
    AUDIT_ANCHOR: anchor,
    ...environment,
  });
  await prepareInstallation(config, new Secret(database.adminUrl));
  const db = openPools({ ...database, adminUrl: database.provisionerUrl, applicationName: "test" });
  const provider = environmentKeyProvider({ current: new Secret(kek), previous: undefined });
  const vault = await createVault({ sql: db.app, provider, environment: config.environment });
  const queue = await openQueue({ url: database.appUrl, role: "federation_app", onError: () => {} });
  const lines: string[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(line) });
  const oauth = createOAuthProvider({ issuer });
  const accessTokens = createAccessTokens({ sql: db.app, vault, oauth, log });
  const deps = {
    db,
    vault,
    queue,
    artifacts: openArtifacts(config.artifactsUrl),
    agents: createAgentClient(),
    oauth,
    n8n: config.n8n && createN8nClient(config.n8n),
    accessTokens,
    config,
    log,
    tracer: noTracer,
  };
  const app = createApp(deps);
  const admin = postgres(database.adminUrl, { max: 4, onnotice: () => {} });
  const first = await createFirstAdmin(db.app, {
    environment: config.environment,
    email: "first@example.org",
  });
  if (!first) throw new Error("there was an admin already");

  return {
    app,
    deps,
    database,
    sql: admin,
    lines,
    adminId: first.memberId,
    adminKey: first.key.reveal(),
    call: (method: string, path: string, call: Call = {}) => request(app, method, path, call),
    /** An active department with schema, keys and an agent's API key. */
    async addDepartment(options: { status?: string; keyStatus?: string } = {}): Promise<TestDepartment> {
      const department = names();
      await admin`
        insert into federation.department (id, slug, name, status, suffix, host, release, admin_email)
        values (${department.id}, ${department.slug}, 'Test', ${options.status ?? "active"}, ${department.suffix}, 'local', '1', 'a@example.org')`;
      await admin`insert into federation.department_config (department_id, version, document, created_by) values
        (${department.id}, 1, ${admin.json({ department_name: "Test", enabled_tools: ["email"], admin_email: "a@example.org", host: "local" })}, 'test')`;
      await admin`select audit.open_stream(${department.id})`;
      if (!db.provisioner) throw new Error("no provisioner");
      await createDepartmentSchema(db.provisioner, department);
      const key = await addKey({ department_id: department.id }, agentScopes, options.keyStatus);
      return { ...department, ...key };
    },
    /** A person's key, made past the API. */
    async addMember(role: string, scopes: readonly Scope[], departmentId: string | null = null) {
      const id = Bun.randomUUIDv7();
      await admin`insert into federation.member (id, email, role, department_id)
        values (${id}, ${`${id}@example.org`}, ${role}, ${departmentId})`;
      return { id, ...(await addKey({ member_id: id }, scopes)) };
    },
    async close() {
      await accessTokens.close();
      await queue.close();
      await db.close();
      await admin.end();
      await database.close();
    },
  };

  async function addKey(
    owner: { member_id?: string; department_id?: string },
    scopes: readonly string[],
    status = "active",
  ) {
    const minted = mintApiKey("development");
    await admin`insert into federation.api_client
      (id, key_id, name, member_id, department_id, secret_hash, scopes, status, expires_at)
      values (${Bun.randomUUIDv7()}, ${minted.id}, 'test', ${owner.member_id ?? null}, ${owner.department_id ?? null},
        ${minted.secretHash}, ${[...scopes]}, ${status}, now() + interval '1 day')`;
    return { key: minted.text.reveal(), keyId: minted.id };
  }
}

function names() {
  const suffix = randomSuffix();
  return {
    id: Bun.randomUUIDv7(),
    slug: `x-${suffix}`,
    suffix,
    schemaName: `t_${suffix}`,
    roleName: `d_${suffix}`,
  };
}

async function request(
  app: ReturnType<typeof createApp>,
  method: string,
  path: string,
  call: Call,
): Promise<Reply> {
  const body = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const headers = {
    ...(call.key && { authorization: `Bearer ${call.key}` }),
    ...(body !== undefined && {
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
    }),
    ...call.headers,
  };
  const response = await app.request(path, { method, headers, ...(body !== undefined && { body }) });
  const text = await response.text();
  const json = /^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "")
    ? JSON.parse(text)
    : undefined;
  if (json !== undefined && response.ok) checkAnswer(app, method, path, response.status, json);
  return { status: response.status, headers: response.headers, json, text };
}

/** Every JSON answer any test gets has to be what the reference says, no key more. */
function checkAnswer(
  app: ReturnType<typeof createApp>,
  method: string,
  path: string,
  status: number,
  json: unknown,
) {
  const pathname = new URL(path, "http://x").pathname;
  const found = documentedRoutes(app).find(
    (route) =>
      route.method === method &&
      new RegExp(`^${route.path.replaceAll(/:[a-z_]+/g, "[^/]+")}$`).test(pathname),
  );
  const schema = found?.documented.operation.answers[status];
  if (!found || typeof schema !== "object")
    throw new Error(`${method} ${path} answers ${status}, which is not documented`);
  expect([method, path, schema.parse(json)]).toEqual([method, path, json]);
}
