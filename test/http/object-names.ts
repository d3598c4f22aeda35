// What the routes name, for the walk in other-department.test.ts. A new route with a parameter needs a row in
// `objects` (by its path up to the parameter) and, when it takes a body, in `bodies`; a new field that ends in `_id`
// needs one in `fields`.
import { type Edge, type TestDepartment } from "./edge.ts";

export interface Side extends TestDepartment {
  admin: string;
  adminId: string;
}

export interface World {
  edge: Edge;
  /** A third department that takes part in what `side` has with somebody. */
  friend: Side;
}

/** Makes an object of this department and answers its name. `gone`: one that was ended or taken away. */
export type Maker = (world: World, side: Side, gone: boolean) => Promise<string>;

const department: Maker = async (_world, side) => side.id;

const run: Maker = async ({ edge }, side) => {
  const id = Bun.randomUUIDv7();
  await edge.sql`
    insert into federation.run (id, department_id, kind, status, input_hash, requested_by, request_id, finished_at)
    values (${id}, ${side.id}, 'provision', 'succeeded', '', '', '', now())`;
  await edge.sql`
    insert into federation.step (run_id, name, position, status, started_at, finished_at)
    values (${id}, 'preflight', 1, 'done', now(), now())`;
  return id;
};

const key: Maker = async ({ edge }, side, gone) => {
  const id = Bun.randomUUIDv7();
  await edge.sql`
    insert into federation.api_client (id, key_id, name, department_id, secret_hash, scopes, status, revoked_at, expires_at)
    values (${id}, ${id.slice(-8)}, 'test', ${side.id}, sha256(''), '{query}', ${gone ? "revoked" : "active"},
      ${gone ? edge.sql`now()` : null}, now() + interval '1 day')`;
  return id;
};

/** Asked of `side` by its friend, so that every verb of either side may be tried. */
const grant: Maker = async ({ edge, friend }, side, gone) => {
  const id = Bun.randomUUIDv7();
  if (!gone)
    await edge.sql`delete from federation.access_grant where target = ${side.id} and status = 'requested'`;
  await edge.sql`
    insert into federation.access_grant (id, source, target, target_name, permission, resource, status, requested_by,
      reason, expires_in_days, expires_at)
    values (${id}, ${friend.id}, ${side.id}, ${side.slug}, 'read', '*', ${gone ? "revoked" : "requested"},
      ${friend.adminId}, 'test', 30, now() + interval '30 days')`;
  return id;
};

const question: Maker = async ({ edge }, side) => {
  const body = {
    target_department_id: side.id,
    query_type: "list_events",
    query_params: {},
    reason: "test",
  };
  const { json } = await edge.call("POST", "/api/v1/cross-dept/query", { key: side.key, body });
  if (json.query_id) return json.query_id;
  const [event] = await edge.sql`
    select request_id as id from audit.event where stream = ${side.id} and action = 'gateway.list_events'
    order by seq desc limit 1`;
  return String(event?.["id"]);
};

const member: Maker = async ({ edge }, side, gone) => {
  const { id } = await edge.addMember("department_admin", [], side.id);
  if (gone) await edge.sql`update federation.member set disabled_at = now() where id = ${id}`;
  return id;
};

const webhookEndpoint: Maker = async ({ edge }, side, gone) => {
  const id = Bun.randomUUIDv7();
  await edge.sql`
    insert into federation.webhook_endpoint (id, kind, department_id, url, status, off_reason, created_by)
    values (${id}, 'endpoint', ${side.id}, 'https://hooks.example.org/', ${gone ? "off" : "active"},
      ${gone ? "gone" : null}, 'test')`;
  return id;
};

const webhookDelivery: Maker = async (world, side, gone) => {
  const { edge } = world;
  const [endpoint, event] = [await webhookEndpoint(world, side, false), Bun.randomUUIDv7()];
  await edge.sql`
    insert into federation.webhook_event (id, type, department_id, data, fanned_out_at)
    values (${event}, 'webhook.test', ${side.id}, '{}', now())`;
  const [delivery] = await edge.sql`
    insert into federation.webhook_delivery (endpoint_id, event_id, status, due_at)
    values (${endpoint}, ${event}, ${gone ? "failed" : "waiting"}, ${gone ? null : edge.sql`now()`}) returning id`;
  return String(delivery?.["id"]);
};

const webhookSource: Maker = async ({ edge }, side, gone) => {
  const id = Bun.randomUUIDv7();
  await edge.sql`
    insert into federation.webhook_source (id, name, department_id, events, status, created_by)
    values (${id}, 'test', ${side.id}, '{tool_result}', ${gone ? "off" : "active"}, 'test')`;
  return id;
};

/** By the path up to and with its parameter. */
export const objects: Record<string, Maker> = {
  "/api/v1/members/:id": member,
  "/api/v1/departments/:id": department,
  "/api/v1/provision-status/:id": run,
  "/api/v1/api-keys/:id": key,
  "/api/v1/grants/:id": grant,
  "/api/v1/cross-dept/audit-log/:query_id": question,
  "/api/v1/webhook-endpoints/:id": webhookEndpoint,
  "/api/v1/webhook-deliveries/:id": webhookDelivery,
  "/api/v1/webhook-sources/:id": webhookSource,
  "/api/v1/agents/:department_id": department,
};

/** What a second parameter of a path names: a session that every department of these tests has. */
export const knownSession = "0190b0a0-0000-7000-8000-00000000000a";

const at = "2030-01-01T00:00:00Z";
const reason = "a test asks";

/** A body that is accepted, for every route that takes one. */
const manifest = {
  document: {
    statement: "This release was proven in its source and is promoted.",
    release: { name: "r1", agent_image: null, templates: {}, schema_version: 1 },
    from: "staging",
    source: "https://staging.example.org",
    to: "production",
    evidence: {
      rollout: Bun.randomUUIDv7(),
      departments: [{ department_id: "extra", host: "local", healthy_hours: 24 }],
      healthy_hours_min: 24,
      tests: "green",
    },
    issued_at: "2026-01-01T00:00:00.000Z",
    issued_by: "somebody",
  },
  signature: "a..b",
  kid: "k",
};
const publicKey = { kty: "OKP", crv: "Ed25519", x: "A".repeat(43), kid: "k", alg: "EdDSA", use: "sig" };

export const bodies: Record<string, object> = {
  "POST /api/v1/releases": { name: "r1" },
  "POST /api/v1/releases/import": { manifest, jwks: { keys: [publicKey] } },
  "POST /api/v1/releases/:id/promote": { to: "production" },
  "POST /api/v1/rollouts": { release: "r1" },
  "POST /api/v1/members": { email: "somebody@example.org", role: "operator" },
  "POST /api/v1/api-keys": { name: "k", scopes: ["query"], expires_in_days: 1 },
  "POST /api/v1/token/revoke": { token: "none" },
  "POST /api/v1/keys/rotate": { signing: true },
  "POST /api/v1/provision-department": {
    department_id: "extra",
    department_name: "Extra",
    enabled_tools: ["email"],
    admin_email: "x@example.org",
  },
  "PUT /api/v1/departments/:id/config": {
    department_name: "Extra",
    enabled_tools: ["email"],
    admin_email: "x@example.org",
  },
  "POST /api/v1/departments/:id/config/rollback": { version: 1 },
  "DELETE /api/v1/deprovision/:department_id": { grace_hours: 1 },
  "POST /api/v1/departments/:id/upgrade": {},
  "POST /api/v1/departments/:id/move": { to: "docker" },
  "POST /api/v1/departments/:id/retention": {},
  "POST /api/v1/departments/:id/lockdown": { reason },
  "POST /api/v1/departments/:id/unlock": { reason },
  "PUT /api/v1/departments/:id/documents": { items: [{ external_id: "1", name: "n" }] },
  "PUT /api/v1/departments/:id/contacts": { items: [{ external_id: "1", name: "n" }] },
  "PUT /api/v1/departments/:id/emails": { items: [{ external_id: "1", sender: "s", sent_at: at }] },
  "PUT /api/v1/departments/:id/events": {
    items: [{ external_id: "1", title: "t", starts_at: at, ends_at: at }],
  },
  "PUT /api/v1/departments/:id/sessions": {
    items: [{ id: "0190b0a0-0000-7000-8000-000000000001", room: "r", participant: "p" }],
  },
  "PUT /api/v1/departments/:id/messages": {
    items: [
      { id: "0190b0a0-0000-7000-8000-000000000002", session_id: knownSession, role: "user", text: "t" },
    ],
  },
  "PUT /api/v1/departments/:id/tool-calls": {
    items: [{ call_id: "1", tool: "search", status: "EXECUTING" }],
  },
  "PUT /api/v1/departments/:id/memory": { category: "c", content: "x" },
  "PUT /api/v1/departments/:id/context": { value: 1 },
  "POST /api/v1/agents/:department_id/session": { participant: "ann" },
  "POST /api/v1/n8n-instances": { base_url: "http://n8n.example.org", api_key: "k" },
  "PUT /api/v1/departments/:id/oauth-client": { client_id: "1-x.apps.example.org", client_secret: "s" },
  "POST /api/v1/oauth-clients": { client_id: "2-x.apps.example.org", client_secret: "s" },
  "PUT /api/v1/limits/:kind": { hits: 100, window_seconds: 60 },
  "POST /api/v1/cross-dept/query": {
    target_department_id: "nobody",
    query_type: "list_events",
    query_params: {},
    reason,
  },
  "POST /api/v1/grants": {
    target_department_id: "nobody",
    permission: "read",
    resource: "documents",
    reason,
    expires_in_days: 1,
  },
  "POST /api/v1/grants/:id/reject": { reason },
  "POST /api/v1/grants/:id/revoke": { reason },
  "POST /api/v1/webhook-endpoints": { url: "https://hooks.example.org/" },
  "PUT /api/v1/webhook-endpoints/:id": { url: "https://hooks.example.org/" },
  "POST /api/v1/webhook-sources": { name: "n8n", events: ["tool_result"] },
};

/** What has to stand in the query string for the call to be accepted. */
export const queries: Record<string, string> = {
  "GET /api/v1/departments/:id/context": "?type=t&key=k",
  "PUT /api/v1/departments/:id/context": "?type=t&key=k",
  "GET /api/v1/departments/:id/config/diff": "?from=1&to=1",
};

export interface Field {
  make: Maker;
  /** What else the body says, when it says this. */
  body?: object;
  /** For what is not one's own; 404 `not_found` unless said otherwise. */
  refusal?: [status: number, code: string];
  /** One's own has nothing there to begin with, and so gets the refusal, too. */
  empty?: true;
}

/** Fields of bodies and query strings that name an object; `undefined` = names nothing that anybody could own. */
export const fields: Record<string, Field | undefined> = {
  "POST /api/v1/members department_id": { make: department, body: { role: "department_admin" } },
  "GET /api/v1/api-keys department_id": { make: department },
  "POST /api/v1/api-keys department_id": { make: department },
  "POST /api/v1/api-keys member_id": { make: member },
  // Narrows a list that holds one's own only: an empty one, whatever it names.
  "GET /api/v1/api-keys member_id": undefined,
  "POST /api/v1/cross-dept/query target_department_id": { make: department, refusal: [403, "no_grant"] },
  "GET /api/v1/grants department_id": { make: department },
  "POST /api/v1/grants source_department_id": { make: department },
  "GET /api/v1/oauth/google/start department_id": { make: department },
  "DELETE /api/v1/oauth/google department_id": { make: department, empty: true },
  // Asking is accepted whoever exists: test/http/grants.test.ts compares.
  "POST /api/v1/grants target_department_id": undefined,
  // The provider's name for it, not ours.
  "PUT /api/v1/departments/:id/oauth-client client_id": undefined,
  "GET /api/v1/audit department_id": { make: department },
  // Narrows a search of what is one's own: empty, whatever it names.
  "GET /api/v1/audit request_id": undefined,
  "GET /api/v1/audit/export department_id": { make: department },
  "POST /api/v1/webhook-endpoints department_id": { make: department },
  "POST /api/v1/webhook-sources department_id": { make: department },
  // A session lies in the department's own schema, where nobody else's is.
  "PUT /api/v1/departments/:id/memory session_id": undefined,
  "GET /api/v1/departments/:id/context session_id": undefined,
  "PUT /api/v1/departments/:id/context session_id": undefined,
};
