import { z } from "zod";
import { batches } from "../../src/departments/data/collections.ts";
import { contextPlace, contextQuery, contextValue } from "../../src/departments/data/context.ts";
import { memoryInput, memoryQuery } from "../../src/departments/data/memory.ts";
import { question } from "../../src/gateway/question.ts";
import { inboundEvent } from "../../src/webhooks/inbound/inbound-event.ts";

export interface Seen {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: unknown;
}

export const id = "01890a5d-ac96-774b-bcce-b302099a8057";
export const token = {
  access_token: "ya29.secret",
  token_type: "Bearer",
  expires_in: 3000,
  scope: "",
  missing_scopes: [],
};

export const answerWith = (body: object) => () => Response.json(body);
/** What a named query answers. */
export const found = (...results: object[]) =>
  answerWith({ success: true, results, results_count: results.length, query_id: id, truncated: false });

const nothing = z.undefined().or(z.strictObject({}));
const noQuery = z.strictObject({});

/** What Federation takes at each path, by its own schemas. */
const calls: Record<string, { query: z.ZodType; body: z.ZodType }> = {
  "POST /cross-dept/query": { query: noQuery, body: question },
  "POST /oauth/google/token": { query: noQuery, body: nothing },
  "POST /webhooks/n8n": { query: noQuery, body: inboundEvent },
  "PUT /documents": { query: noQuery, body: batches.documents },
  "PUT /contacts": { query: noQuery, body: batches.contacts },
  "PUT /events": { query: noQuery, body: batches.events },
  "GET /memory": { query: memoryQuery, body: nothing },
  "PUT /memory": { query: noQuery, body: memoryInput },
  "GET /context": { query: contextQuery, body: nothing },
  "PUT /context": { query: contextPlace, body: contextValue },
};

/**
 * Federation and Google on loopback. A call Federation would not take is answered 422 here; what it takes is answered by
 * `answers`, as everything of Google is. Keys are `METHOD /path`.
 */
export function startStubPlatform(departmentId: string, apiToken: string) {
  const seen: Seen[] = [];
  const answers = new Map<string, (request: Seen) => Response>();
  const problem = (status: number, code: string, detail = code) =>
    Response.json({ type: "about:blank", title: code, status, code, detail }, { status });

  function answerOurs(request: Seen): Response {
    if (request.headers["authorization"] !== `Bearer ${apiToken}`) return problem(401, "unauthenticated");
    const path = request.path.replace("/api/v1", "").replace(`/departments/${departmentId}`, "");
    const name = `${request.method} ${path}`;
    const call = calls[name];
    if (!call) return problem(404, "not_found", name);
    const faults = [call.query.safeParse(request.query), call.body.safeParse(request.body)];
    const fault = faults.find(({ success }) => !success);
    if (fault?.error) return problem(422, "invalid", z.prettifyError(fault.error));
    return answers.get(name)?.(request) ?? problem(500, "no_answer", name);
  }

  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const url = new URL(request.url);
      const text = await request.text();
      const one: Seen = {
        method: request.method,
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: request.headers.toJSON(),
        body: text === "" ? undefined : JSON.parse(text),
      };
      seen.push(one);
      if (one.path.startsWith("/api/v1/")) return answerOurs(one);
      return answers.get(`${one.method} ${one.path}`)?.(one) ?? problem(404, "not_found", one.path);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    seen,
    lastBody: () => seen.at(-1)?.body,
    answer: (name: string, how: (request: Seen) => Response) => void answers.set(name, how),
    reset() {
      seen.length = 0;
      answers.clear();
    },
    problem,
    stop: () => server.stop(true),
  };
}
