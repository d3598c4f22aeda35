import type { Hono } from "hono";
import { z } from "zod";
import { type Access, authorization } from "./authorization.ts";
import type { Env } from "./env.ts";
import { exampleOfBody, examples } from "./examples.ts";
import { type Documented, documentationOf, type Operation } from "./operation.ts";
import { tags } from "./tags.ts";
import { problem } from "./views.ts";

type JsonSchema = Record<string, unknown>;

export type OpenApiDocument = ReturnType<typeof openApiDocument>;

/** The OpenAPI 3.1 document, made from the router itself: its routes, their schemas and the authorization matrix. */
export function openApiDocument(app: Pick<Hono<Env>, "routes">, publicUrl: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, documented } of documentedRoutes(app)) {
    const name = path.replaceAll(/:([a-z_]+)/g, "{$1}");
    (paths[name] ??= {})[method.toLowerCase()] = operationOf(`${method} ${path}`, path, documented);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Federation",
      version: "1",
      description: "Control plane that gives every department of a company its own voice assistant.",
      license: { name: "Proprietary", url: `${publicUrl}/docs` },
    },
    servers: [{ url: publicUrl }],
    tags: [...new Set(documentedRoutes(app).map((route) => route.documented.operation.tag))].map((name) => ({
      name,
      description: tags[name],
    })),
    security: [{ bearer: [] }],
    paths,
    components: {
      schemas: { Problem: schemaOf(problem, "output"), Json: { description: "Any JSON value." } },
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "An API key, or the token that POST /token gives for one.",
        },
      },
    },
  };
}

interface DocumentedRoute {
  method: string;
  path: string;
  documented: Documented & { operation: Operation };
}

/** Handlers of one route are separate entries of the router; together they say what the route is. */
export function documentedRoutes(app: Pick<Hono<Env>, "routes">): DocumentedRoute[] {
  const routes = new Map<string, Documented>();
  for (const { method, path, handler } of app.routes) {
    if (method === "ALL") continue;
    const key = `${method} ${path}`;
    routes.set(key, { ...routes.get(key), ...documentationOf(handler) });
  }
  return [...routes].flatMap(([key, { operation, ...rest }]) => {
    const [method = "", path = ""] = key.split(" ");
    return operation ? [{ method, path, documented: { ...rest, operation } }] : [];
  });
}

function operationOf(key: string, path: string, { operation, body, query }: DocumentedRoute["documented"]) {
  const access = authorization[key];
  const parameters = [
    ...[...path.matchAll(/:([a-z_]+)/g)].map(([, name = ""]) =>
      parameter("path", name, { type: "string" }, true),
    ),
    ...(query ? queryParameters(schemaOf(query, "input")) : []),
    ...(operation.idempotent
      ? [parameter("header", "Idempotency-Key", { type: "string", maxLength: 255 }, false)]
      : []),
  ];
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.tag],
    ...(access && { description: describe(access) }),
    security: access?.callers === "anyone" ? [] : [{ bearer: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: requestBody(operation.id, body) }),
    responses: { ...answers(operation), ...problems(access, body !== undefined) },
  };
}

function describe({ callers, scope }: Access): string {
  const who = {
    anyone: "Open to everybody.",
    platform: "For people of the platform.",
    own: "For people of the platform, and for a department about itself.",
    department: "For a department about itself.",
  };
  return scope ? `${who[callers]} Needs the scope \`${scope}\`.` : who[callers];
}

function requestBody(id: string, body: z.ZodType) {
  const required = !body.safeParse({}).success;
  const example = exampleOfBody(id, body);
  return { required, content: { "application/json": { schema: schemaOf(body, "input"), example } } };
}

function answers({ id, answers: list }: Operation) {
  return Object.fromEntries(
    Object.entries(list).map(([status, answer]) => {
      if (answer === "") return [status, { description: "Done" }];
      if (typeof answer === "string")
        return [status, { description: "Done", content: { [answer]: { schema: { type: "string" } } } }];
      const example = examples[id]?.answers?.[Number(status)];
      const content = { "application/json": { schema: schemaOf(answer, "output"), example } };
      return [status, { description: "Done", content }];
    }),
  );
}

function problems(access: Access | undefined, hasBody: boolean) {
  const statuses = [
    ...(access?.callers === "anyone" ? [] : [401, 403, 404, 409, 429]),
    ...(hasBody ? [400, 401, 413, 415] : []),
    ...[422, 503],
  ];
  const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  return Object.fromEntries(
    statuses.map((status) => [String(status), { description: "Problem (RFC 9457)", content }]),
  );
}

function queryParameters(schema: JsonSchema) {
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  return Object.entries((schema["properties"] ?? {}) as JsonSchema).map(([name, value]) =>
    parameter("query", name, value, required.has(name)),
  );
}

const parameter = (where: "path" | "query" | "header", name: string, schema: unknown, required: boolean) => ({
  name,
  in: where,
  required,
  schema,
});

/** The one schema of ours that refers to itself is "any JSON"; it has a name in the document. */
function schemaOf(schema: z.ZodType, io: "input" | "output"): JsonSchema {
  const { $schema: _, $defs: __, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return JSON.parse(
    JSON.stringify(rest).replaceAll(/"#\/\$defs\/__schema\d+"/g, '"#/components/schemas/Json"'),
  );
}
