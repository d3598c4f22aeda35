// Every route of the agent. /health is open and holds no secret; /tools needs the agent's bearer.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AgentConfig } from "./config.ts";
import type { HealthReport } from "./health.ts";
import type { WriteLog } from "./log.ts";
import { notFound, Problem, problemOf } from "./problem.ts";
import { readJson } from "./read-json.ts";
import type { OfferedTool, Toolbox } from "./tools/toolbox.ts";

export interface AgentServerOptions {
  config: Pick<AgentConfig, "agentToken" | "host" | "port">;
  toolbox: Toolbox;
  health: () => Promise<HealthReport>;
  log: WriteLog;
}

export interface AgentServer {
  listen(): Promise<void>;
  /** Takes no new connection, lets what is in flight end, at most for `graceSeconds`. */
  close(graceSeconds: number): Promise<void>;
}

interface Answer {
  status: number;
  body: unknown;
}

export function createAgentServer(options: AgentServerOptions): AgentServer {
  const { config, log } = options;
  let closing = false;
  const server = createServer((req, res) => {
    const send = (answer: Answer, type?: string) => sendJson(res, answer, { type, last: closing });
    void answerOf(options, req).then(
      (answer) => send(answer),
      (error: unknown) => {
        const problem = problemOf(error);
        if (problem.status >= 500)
          log("warn", "request failed", { code: problem.code, cause: nameOf(problem.cause) });
        send({ status: problem.status, body: problem }, "application/problem+json");
      },
    );
  });
  server.requestTimeout = 30_000;
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(config.port, config.host, resolve);
      }),
    async close(graceSeconds) {
      closing = true;
      const ended = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function answerOf(options: AgentServerOptions, req: IncomingMessage): Promise<Answer> {
  const [path = "/"] = (req.url ?? "/").split("?");
  const route = `${req.method} ${path}`;
  if (route === "GET /health") {
    const report = await options.health();
    return { status: report.status === "ready" ? 200 : 503, body: report };
  }
  if (path !== "/tools" && !path.startsWith("/tools/")) throw notFound("There is no such page.");
  checkBearer(req, options.config.agentToken);
  if (route === "GET /tools")
    return { status: 200, body: { tools: (await options.toolbox.list()).map(describe) } };
  if (req.method !== "POST") throw new Problem(405, "method_not_allowed", "Tools are called with POST.");
  return await runTool(options, path.slice("/tools/".length), req);
}

async function runTool(options: AgentServerOptions, name: string, req: IncomingMessage): Promise<Answer> {
  const tool = await options.toolbox.find(name);
  if (!tool) throw notFound("The department has no such tool.");
  const args = await readJson(req);
  const errors = tool.findErrors(args);
  if (errors.length > 0) throw new Problem(422, "invalid_arguments", "The arguments do not fit.", { errors });
  const startedAt = performance.now();
  const result = await tool.run({ ...(args as object) });
  options.log("info", "tool called", { tool: name, ms: Math.round(performance.now() - startedAt) });
  return { status: 200, body: { result } };
}

const describe = ({ name, description, input }: OfferedTool) => ({ name, description, input });

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Digests have one length, so the comparison tells nothing by its time. */
function checkBearer(req: IncomingMessage, token: string) {
  const given = /^Bearer (.+)$/.exec(req.headers.authorization ?? "")?.[1] ?? "";
  if (!timingSafeEqual(digest(given), digest(token))) {
    throw new Problem(401, "unauthorized", "A bearer token of this agent is needed.");
  }
}

interface SendOptions {
  type?: string | undefined;
  /** Ends the connection, so that a closing server is not held up by idle ones. */
  last: boolean;
}

function sendJson(
  res: ServerResponse,
  { status, body }: Answer,
  { type = "application/json", last }: SendOptions,
) {
  if (res.writableEnded || res.destroyed) return;
  res.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    ...(status === 401 && { "www-authenticate": "Bearer" }),
    ...((last || status === 413) && { connection: "close" }),
  });
  res.end(JSON.stringify(body));
}

const nameOf = (cause: unknown) => (cause instanceof Error ? cause.name : "");
