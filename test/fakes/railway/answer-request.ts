import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { GraphQLError } from "graphql";
import type { Refusal } from "./budgets.ts";
import { executeOperation, failed, type Operation, readOperation } from "./execute-operation.ts";
import type { Fault } from "./faults.ts";
import { identify } from "./identify.ts";
import type { Railway } from "./railway.ts";

export interface Request {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** What a request gets back: the edge first, then the budget of its token, then GraphQL. No answer at all is possible. */
export function answerRequest(railway: Railway, req: Request): Answer | "none" {
  if (req.method !== "POST" || req.url.pathname !== "/graphql/v2")
    return json(404, { message: "Not Found", requestId: randomUUID() });
  const refusedAtEdge = req.url.search === "" ? railway.budgets.takeAtEdge() : undefined;
  if (refusedAtEdge) return tooMany(railway, refusedAtEdge, {});
  const identity = identify(railway, req.headers);
  if (identity && "refused" in identity) return json(200, failed([new GraphQLError(identity.refused)]));
  const budget = identity && railway.budgets.take(identity.token);
  const headers = budget?.headers ?? {};
  if (budget?.refused) return tooMany(railway, budget.refused, headers);
  const operation = readOperation(parsed(req.text));
  if ("invalid" in operation) return json(400, operation.invalid, headers);
  count(railway, operation);
  const isIntrospection = operation.fields.every((field) => field.startsWith("__"));
  if (!identity && !isIntrospection) return json(200, failed([new GraphQLError("Not Authorized")]));
  const call = identity && { railway, ...identity };
  const fault = railway.faults.next(operation);
  if (!fault) return json(200, executeOperation(operation, call), headers);
  if (fault.happened) executeOperation(operation, call);
  return spoiled(railway, fault, operation, headers);
}

function spoiled(
  railway: Railway,
  { kind, message = "Problem processing request" }: Fault,
  operation: Operation,
  headers: Record<string, string>,
): Answer | "none" {
  railway.counts.faults[kind] += 1;
  if (kind === "drop") return "none";
  if (kind === "504")
    return { status: 504, headers: { "content-type": "text/plain" }, body: "error code: 504" };
  if (kind === "429") return json(429, { message: "Too Many Requests" }, { ...headers, "retry-after": "1" });
  return json(200, failed([new GraphQLError(message, { path: operation.fields.slice(0, 1) })]), headers);
}

function tooMany(
  { counts }: Railway,
  { limit, retryAfterSeconds }: Refusal,
  headers: Record<string, string>,
): Answer {
  counts.throttled[limit] += 1;
  const sent = { ...headers, "retry-after": String(retryAfterSeconds) };
  if (limit === "edge")
    return { status: 429, headers: { ...sent, "content-type": "text/plain" }, body: "error code: 1015" };
  return json(429, { message: "Too Many Requests" }, sent);
}

function count({ counts }: Railway, { fields }: Operation): void {
  for (const name of new Set(fields)) counts.requests[name] = (counts.requests[name] ?? 0) + 1;
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  const type = { "content-type": "application/json; charset=utf-8" };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(body) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
