/** Something that goes wrong with one call of the API; what the call does, it does all the same but for `status`. */
export type Fault =
  /** The connection ends in place of an answer. */
  | { kind: "drop_answer" }
  | { kind: "delay"; ms: number }
  /** Answered before the call is looked at. */
  | { kind: "status"; status: number; body?: string; headers?: Record<string, string> };

export const faults = {
  dropAnswer: { kind: "drop_answer" },
  unavailable: { kind: "status", status: 503, body: "Database is not ready!" },
  startingUp: { kind: "status", status: 200, body: "n8n is starting up. Please wait" },
  rateLimited: (seconds: number): Fault => ({
    kind: "status",
    status: 429,
    body: '{"message":"Too many requests"}',
    headers: { "retry-after": String(seconds) },
  }),
  slow: (ms: number): Fault => ({ kind: "delay", ms }),
  /** Of a proxy whose n8n is down. */
  proxyNotFound: { kind: "status", status: 404, body: "404 page not found" },
  notJson: { kind: "status", status: 200, body: "<html>Welcome</html>" },
  redirect: { kind: "status", status: 302, headers: { location: "/signin" } },
} as const satisfies Record<string, Fault | ((amount: number) => Fault)>;
