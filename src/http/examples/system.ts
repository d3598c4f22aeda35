import { type Examples, page } from "./example.ts";
import { earlier, hr, later, object } from "./names.ts";
import { jwks } from "./jwks.ts";

const ok = { 200: { status: "ok" } };

export const system: Examples = {
  healthz: { answers: ok },
  readyz: { answers: ok },
  jwks: {
    answers: {
      200: jwks,
    },
  },
  departmentSchema: {
    answers: { 200: { $id: "https://federation.example.com/schemas/department.json", type: "object" } },
  },
  openapi: { answers: { 200: { openapi: "3.1.0", info: { title: "Federation", version: "1" } } } },
  selfCheck: { answers: { 200: { department_id: "hr", status: "active", data: "ok" } } },
  issueToken: {
    body: { grant_type: "client_credentials", client_id: "3kTz81Qb", client_secret: "…", scope: "query" },
    answers: {
      200: { access_token: "eyJhbGciOiJFZERTQSJ9…", token_type: "Bearer", expires_in: 900, scope: "query" },
    },
  },
  revokeToken: { body: { token: "eyJhbGciOiJFZERTQSJ9…" }, answers: { 200: {} } },
  listAlerts: {
    answers: {
      200: page({
        id: object,
        name: "department_unhealthy",
        subject: hr,
        department_id: "hr",
        severity: "critical",
        summary: "The agent does not answer.",
        status: "firing",
        fired_at: earlier,
        resolved_at: null,
      }),
    },
  },
  listCallBudgets: {
    answers: {
      200: {
        items: [
          {
            name: "railway",
            tokens: 41.5,
            refilled_at: later,
            blocked_until: null,
            waiting: 0,
            longest_wait_seconds: 0,
          },
        ],
      },
    },
  },
  listQueues: {
    answers: { 200: { items: [{ name: "run", waiting: 2, active: 1, failed: 0, oldest: earlier }] } },
  },
  listFailedJobs: {
    answers: {
      200: {
        items: [
          {
            id: object,
            payload: { run_id: object },
            retries: 3,
            created_at: earlier,
            failed_at: later,
            error: "unavailable",
          },
        ],
      },
    },
  },
  retryJob: { answers: { 202: { id: object, queue: "run" } } },
};
