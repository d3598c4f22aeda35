import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { z } from "zod";

export interface StubMcp {
  url: string;
  state: {
    /** What a bearer has to be. */
    token: string;
    /** More tools than the two that are always there. */
    extraTools: string[];
    delaySeconds: number;
  };
  /** Tools that were really begun, with their arguments. */
  ran: { tool: string; args: unknown }[];
  sessionsBegun(): number;
  /** Forgets its sessions, as a server does that starts again. */
  restart(): void;
  stop(): Promise<void>;
  /** On the same port. */
  start(): void;
}

/** The MCP endpoint of n8n's trigger: streamable HTTP with sessions, 403 for a wrong bearer, 404 for an unknown session. */
export function startStubMcp(): StubMcp {
  const state = { token: "mcp-token", extraTools: [] as string[], delaySeconds: 0 };
  const ran: StubMcp["ran"] = [];
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
  let begun = 0;

  async function begin(): Promise<WebStandardStreamableHTTPServerTransport> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => `session-${++begun}`,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await createServer(state, ran).connect(transport);
    return transport;
  }

  async function answer(req: Request): Promise<Response> {
    if (req.headers.get("authorization") !== `Bearer ${state.token}`) {
      return new Response("Authorization data is wrong!", { status: 403 });
    }
    const id = req.headers.get("mcp-session-id");
    if (id === null) return await (await begin()).handleRequest(req);
    const transport = sessions.get(id);
    return transport
      ? await transport.handleRequest(req)
      : new Response("Session not found", { status: 404 });
  }

  const serve = (port: number) => Bun.serve({ port, hostname: "127.0.0.1", idleTimeout: 0, fetch: answer });
  let server = serve(0);
  const { port } = server;
  return {
    url: `http://127.0.0.1:${port}/mcp/department`,
    state,
    ran,
    sessionsBegun: () => begun,
    restart: () => sessions.clear(),
    stop: () => server.stop(true),
    start: () => void (server = serve(port ?? 0)),
  };
}

function createServer(state: StubMcp["state"], ran: StubMcp["ran"]): McpServer {
  const server = new McpServer({ name: "workflows", version: "1" });
  const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
  const offer = (tool: string, run: (args: { title: string }) => string) =>
    server.registerTool(
      tool,
      { description: `Does ${tool}.`, inputSchema: { title: z.string().describe("What it is about") } },
      async (args) => {
        ran.push({ tool, args });
        await Bun.sleep(state.delaySeconds * 1000);
        return text(run(args));
      },
    );
  offer("create_event", ({ title }) => JSON.stringify({ created: title }));
  offer("search_documents", () => "never reached: the platform has a tool of that name");
  for (const tool of state.extraTools) offer(tool, () => "done");
  server.registerTool("fail", { description: "Fails." }, () => ({
    ...text("The calendar is full."),
    isError: true,
  }));
  return server;
}
