// Walks every route that names an object, as a department: what is not its own is one and the same 404, whether it is
// another department's, gone, never was, or no name at all. What a route names is in object-names.ts; a route or field
// without a row there fails.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { z } from "zod";
import { type Access, authorization } from "../../src/http/authorization.ts";
import { documentedRoutes } from "../../src/http/openapi.ts";
import { departmentScopes, roleScopes } from "../../src/members/scopes.ts";
import { type Edge, type Reply, testEdge } from "./edge.ts";
import { livekitEnvironment } from "../helpers/livekit-environment.ts";
import {
  bodies,
  fields,
  knownSession,
  type Maker,
  objects,
  queries,
  type Side,
  type World,
} from "./object-names.ts";

let edge: Edge;
let own: Side;
let other: Side;
let gone: Side;
let world: World;
beforeAll(async () => {
  edge = await testEdge({ environment: livekitEnvironment });
  const [first, second, third, friend] = await Promise.all([addSide(), addSide(), addSide(), addSide()]);
  [own, other, gone] = [first, second, third];
  world = { edge, friend };
});
afterAll(() => edge.close());

async function addSide(): Promise<Side> {
  const department = await edge.addDepartment();
  const { id, key } = await edge.addMember("department_admin", roleScopes.department_admin, department.id);
  await edge.sql`
    update federation.api_client set scopes = ${[...departmentScopes]} where key_id = ${department.keyId}`;
  await edge.sql`
    insert into ${edge.sql(department.schemaName)}.session (id, room, participant) values (${knownSession}, 'r', 'p')`;
  return { ...department, admin: key, adminId: id };
}

interface Route {
  route: string;
  method: string;
  path: string;
  access: Access;
}

const routes: Route[] = Object.entries(authorization)
  .filter(([, access]) => access.callers !== "anyone")
  .map(([route, access]) => {
    const [method = "", path = ""] = route.split(" ");
    return { route, method, path, access };
  });
const named = routes.filter(({ path }) => path.includes(":"));
const reachable = named.filter(({ access }) => access.callers !== "platform");
const prefixOf = (path: string) => path.replace(/(:[a-z_]+).*$/, "$1");
const malformed = [
  "1",
  "'--",
  "NOT-A-NAME",
  "..%2f",
  "%F0%9F%94%91",
  "a".repeat(300),
  `${Bun.randomUUIDv7()}0`,
];

/** Which of a department's callers hold the scope: its admin, its machine. */
function callersOf({ access }: Route, side: Side): string[] {
  const { scope } = access;
  if (scope === undefined) return [side.admin, side.key];
  return [
    ...(roleScopes.department_admin.includes(scope) ? [side.admin] : []),
    ...(departmentScopes.includes(scope) ? [side.key] : []),
  ];
}

function send(
  { route, method, path }: Route,
  name: string,
  key: string,
  body = bodies[route],
): Promise<Reply> {
  const sent = method === "GET" ? undefined : (body ?? (method === "DELETE" ? undefined : {}));
  const address =
    path.replace(/:[a-z_]+/, name).replace(/:session_id/, knownSession) + (queries[route] ?? "");
  return edge.call(method, address, { key, ...(sent && { body: sent }) });
}

const answerOf = ({ status, text, json }: Reply) => `${status} ${text.replace(json?.request_id ?? "-", "")}`;

/** Everything the platform keeps of this department but when its keys were used. */
async function stateOf({ id }: Side): Promise<string> {
  const tables = await edge.sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'department_id'
    where c.relnamespace = 'federation'::regnamespace and c.relkind = 'r' order by 1`;
  const sources = [
    ...tables.map(
      ({ name }) =>
        edge.sql`select to_jsonb(t) as row from ${edge.sql(`federation.${name}`)} t where department_id = ${id}`,
    ),
    edge.sql`select to_jsonb(t) as row from federation.department t where id = ${id}`,
    edge.sql`select to_jsonb(t) as row from federation.access_grant t where ${id} in (source, target)`,
  ];
  const rows = await Promise.all(sources);
  return JSON.stringify(rows.map((found) => found.map(({ row }) => ({ ...row, last_used_at: null }))));
}

test("every route with a parameter that a department may call has a row in the table of objects", () => {
  const missing = reachable.filter(({ path }) => !objects[prefixOf(path)]).map(({ route }) => route);
  expect(missing).toEqual([]);
});

test("every field of a body or query string that names an object has a row in the table of fields, and every row a field", () => {
  const found = routes
    .filter(({ access }) => access.callers !== "platform")
    .flatMap(({ route }) =>
      propertiesOf(route, "body", "query")
        .filter((name) => /_ids?$/.test(name))
        .map((name) => `${route} ${name}`),
    );
  expect(found.toSorted()).toEqual(Object.keys(fields).toSorted());
});

describe("what is not one's own is the same 404, and stays as it was:", () => {
  test.each(reachable)("$route", async (route) => {
    const make = objects[prefixOf(route.path)] ?? fail(route.route);
    const caller = await addSide();
    for (const key of callersOf(route, caller)) {
      const [theirs, ended] = [await make(world, other, false), await make(world, other, true)];
      const past = await nameOfTheGone(make);
      const before = await stateOf(other);
      const aliases = theirs === other.id ? [other.slug, gone.slug, theirs.toUpperCase()] : [];
      const answers = new Map<string, string>();
      for (const name of [Bun.randomUUIDv7(), theirs, ended, past, ...aliases, ...malformed]) {
        answers.set(name, answerOf(await send(route, name, key)));
      }
      expect([...answers.values()].filter((answer) => answer !== [...answers.values()][0])).toEqual([]);
      expect([...answers.values()][0]).toStartWith('404 {"type":"about:blank","title":"Not Found"');
      expect(await stateOf(other)).toBe(before);
      const mine = await send(route, await make(world, caller, false), key);
      expect([route.route, mine.status < 300, mine.status < 300 || mine.text]).toEqual([
        route.route,
        true,
        true,
      ]);
    }
  });
});

describe("what only the platform may call answers a department the same 403 for every name:", () => {
  test.each(named.filter(({ access }) => access.callers === "platform"))("$route", async (route) => {
    for (const key of [own.admin, own.key]) {
      const names = [own.id, own.slug, other.id, other.slug, Bun.randomUUIDv7(), ...malformed];
      const replies = await Promise.all(names.map((name) => send(route, name, key)));
      expect(new Set(replies.map(answerOf)).size).toBe(1);
      expect(replies[0]?.status).toBe(403);
    }
  });
});

describe("a field that names what is not one's own gets the same refusal, whatever it names:", () => {
  const rows = Object.entries(fields).flatMap(([name, field]) => (field ? [{ name, ...field }] : []));
  test.each(rows)("$name", async ({ name, make, body, refusal = [404, "not_found"], empty }) => {
    const [method = "", path = "", field = ""] = name.split(" ");
    const route = routes.find((one) => one.route === `${method} ${path}`) ?? fail(name);
    const inQuery = propertiesOf(route.route, "query").includes(field);
    const say = (value: string, key: string) =>
      inQuery
        ? edge.call(method, `${path}?${field}=${value}`, { key })
        : edge.call(method, path, { key, body: { ...bodies[route.route], ...body, [field]: value } });
    const theirs = await make(world, other, false);
    for (const key of callersOf(route, own)) {
      const names = [Bun.randomUUIDv7(), theirs, await make(world, other, true), await nameOfTheGone(make)];
      if (theirs === other.id) names.push(other.slug, gone.slug, "nobody-bears-this");
      const replies = await Promise.all(names.map((value) => say(value, key)));
      expect([replies[0]?.status, replies[0]?.json.code]).toEqual(refusal);
      expect(new Set(replies.map(answerOf)).size).toBe(1);
      const mine = await say(await make(world, own, false), key);
      if (!empty) expect([mine.status, mine.json?.code]).not.toEqual(refusal);
    }
  });
});

describe("what a body may not say is 422 and named, it does not get in by the side:", () => {
  const intruders = [
    "id",
    "department",
    "department_id",
    "status",
    "role",
    "scopes",
    "source",
    "target",
    "approved_by",
  ];
  const writing = routes.filter(({ method }) => method !== "GET");
  const bodyOf = ({ route }: Route) => {
    const [schema] = schemasOf(route, "body");
    if (!schema || bodies[route] || schema.safeParse({}).success) return schema && (bodies[route] ?? {});
    return fail(route);
  };

  test.each(writing)("$route", async (route) => {
    const body = bodyOf(route);
    if (!body) return;
    const key =
      route.access.callers === "platform" ? edge.adminKey : (callersOf(route, own)[0] ?? fail(route.route));
    for (const name of [...intruders, "constructor", "toString"]) {
      if (propertiesOf(route.route, "body").includes(name)) continue;
      const reply = await send(route, own.id, key, { ...body, [name]: "x" });
      expect([name, reply.status]).toEqual([name, 422]);
      expect(reply.json.errors.map((error: { path: string }) => error.path)).toContain(name);
      if (!("items" in body) || !Array.isArray(body.items)) continue;
      const inside = { items: [{ ...body.items[0], [`${name}_`]: "x" }] };
      expect((await send(route, own.id, key, inside)).status).toBe(422);
    }
  });
});

/** A name of the same kind that a department had which is no more. */
async function nameOfTheGone(make: Maker): Promise<string> {
  await edge.sql`update federation.department set status = 'active', deprovisioned_at = null where id = ${gone.id}`;
  const name = await make(world, gone, true);
  await edge.sql`update federation.department set status = 'deprovisioned', deprovisioned_at = now() where id = ${gone.id}`;
  return name;
}

function schemasOf(route: string, ...parts: ("body" | "query")[]): z.ZodType[] {
  const found = documentedRoutes(edge.app).find(({ method, path }) => `${method} ${path}` === route);
  return parts.flatMap((part) => found?.documented[part] ?? []);
}

const jsonSchema = z.looseObject({
  properties: z.record(z.string(), z.unknown()).optional(),
  anyOf: z.array(z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() })).optional(),
  oneOf: z.array(z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() })).optional(),
});

/** The names a route's body and query string know. */
function propertiesOf(route: string, ...parts: ("body" | "query")[]): string[] {
  return schemasOf(route, ...parts).flatMap((schema) => {
    const {
      properties,
      anyOf = [],
      oneOf = [],
    } = jsonSchema.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
    return [
      ...new Set(
        [properties, ...[...anyOf, ...oneOf].map((one) => one.properties)].flatMap((one) =>
          Object.keys(one ?? {}),
        ),
      ),
    ];
  });
}

function fail(what: string): never {
  throw new Error(`${what} has no row`);
}
