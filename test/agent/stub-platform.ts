export interface StubPlatform {
  url: string;
  /** What the next requests meet; tests change it as they go. */
  state: {
    tokenStatus: number;
    tokenSeconds: number;
    /** Before activation a client's token carries only `self:check`. */
    active: boolean;
    selfCheckStatus: number;
    queryStatus: number;
    delaySeconds: number;
  };
  requests: { method: string; path: string; query: Record<string, string>; body: unknown; token: string }[];
  countOf(path: string): number;
  close(): Promise<void>;
}

/** The part of the platform's API that an agent uses, on a loopback port. */
export function startStubPlatform(): StubPlatform {
  const state = {
    tokenStatus: 200,
    tokenSeconds: 900,
    active: true,
    selfCheckStatus: 200,
    queryStatus: 200,
    delaySeconds: 0,
  };
  const requests: StubPlatform["requests"] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(req) {
      const url = new URL(req.url);
      const path = url.pathname.replace("/api/v1", "");
      const text = await req.text();
      const token = req.headers.get("authorization")?.replace("Bearer ", "") ?? "";
      const query = Object.fromEntries(url.searchParams);
      requests.push({ method: req.method, path, query, body: text ? JSON.parse(text) : undefined, token });
      await Bun.sleep(state.delaySeconds * 1000);
      return answer(path, token, state);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    state,
    requests,
    countOf: (path) => requests.filter((request) => request.path === path).length,
    close: () => server.stop(true),
  };
}

let tokens = 0;

function answer(path: string, token: string, state: StubPlatform["state"]): Response {
  const problem = (status: number, code: string) =>
    Response.json({ status, code, detail: `stub: ${code}` }, { status });
  if (path === "/token") {
    if (state.tokenStatus !== 200) return problem(state.tokenStatus, "invalid_client");
    const scope = state.active ? "self:check query" : "self:check";
    return Response.json({ access_token: `${scope}#${++tokens}`, expires_in: state.tokenSeconds, scope });
  }
  if (!token.startsWith("self:check")) return problem(401, "unauthorized");
  if (path.endsWith("/self-check")) {
    return state.selfCheckStatus === 200
      ? Response.json({ ok: true })
      : problem(state.selfCheckStatus, "refused");
  }
  if (!token.startsWith("self:check query")) return problem(403, "insufficient_scope");
  if (state.queryStatus !== 200) return problem(state.queryStatus, "invalid_query");
  if (path === "/cross-dept/query") {
    return Response.json({
      success: true,
      results: [{ id: "1" }],
      results_count: 1,
      query_id: "q1",
      truncated: false,
    });
  }
  return Response.json({ path });
}
