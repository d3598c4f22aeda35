/** Something that goes wrong with one call to the token endpoint. */
export type Fault =
  | { kind: "answer"; status: number; body: string; headers?: Record<string, string> }
  /** The connection ends before the call is looked at, or after it took effect. */
  | { kind: "drop" }
  | { kind: "drop_answer" }
  /** No answer ever. */
  | { kind: "hang" };

const json = (status: number, body: object, headers?: Record<string, string>): Fault => ({
  kind: "answer",
  status,
  body: JSON.stringify(body),
  ...(headers && { headers }),
});

/** Google's own failures, by name. */
export const faults = {
  serverError: json(500, { error: "internal_failure" }),
  unavailable: json(503, { error: "temporarily_unavailable" }),
  rateLimited: (seconds: number) =>
    json(429, { error: "rate_limit_exceeded" }, { "retry-after": String(seconds) }),
  sessionExpired: json(400, {
    error: "invalid_grant",
    error_subtype: "invalid_rapt",
    error_description: "reauth related error (invalid_rapt)",
  }),
  adminPolicy: json(400, { error: "admin_policy_enforced" }),
  html: {
    kind: "answer",
    status: 502,
    body: "<html>Error 502</html>",
    headers: { "content-type": "text/html" },
  },
  notJson: { kind: "answer", status: 200, body: "no json" },
  redirect: { kind: "answer", status: 302, body: "", headers: { location: "/token" } },
  drop: { kind: "drop" },
  dropAnswer: { kind: "drop_answer" },
  hang: { kind: "hang" },
} as const satisfies Record<string, Fault | ((seconds: number) => Fault)>;
