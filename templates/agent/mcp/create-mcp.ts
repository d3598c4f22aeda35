import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Check } from "../check.ts";
import type { McpConfig } from "../config.ts";
import { connect, type Connection } from "./connect.ts";
import type { Mcp, McpTool } from "./mcp.ts";
import { isUnknownSession, problemOfMcp } from "./problem-of-mcp.ts";
import { resultOf } from "./result-of.ts";

export interface McpOptions {
  /** For connecting and for listing. */
  timeoutSeconds?: number;
  callTimeoutSeconds?: number;
  /** How long a list serves, and a failure to get one. */
  freshSeconds?: number;
  retrySeconds?: number;
  nowMs?: () => number;
}

const pagesMax = 20;

/** Speaks to one MCP server; a session that is lost is made anew by whoever needs it next. */
export function createMcp(config: McpConfig, options: McpOptions = {}): Mcp {
  const { timeoutSeconds = 2.5, callTimeoutSeconds = 30, freshSeconds = 10, retrySeconds = 1 } = options;
  const nowMs = options.nowMs ?? (() => performance.now());
  let connecting: Promise<Connection> | undefined;
  let tools: readonly McpTool[] = [];
  let seen: Check = { ok: false, detail: "not asked yet" };
  let freshUntilMs = -Infinity;
  let refreshing: Promise<void> | undefined;

  function current(): Promise<Connection> {
    if (connecting) return connecting;
    const connection = connect(config, { timeoutSeconds, onToolsChanged: () => (freshUntilMs = -Infinity) });
    connection.catch(() => forget(connection));
    return (connecting = connection);
  }

  function forget(connection: Promise<Connection>) {
    if (connecting === connection) connecting = undefined;
  }

  /** Where the server does not know the session any more nothing has run: `work` goes once more, on a new one. */
  async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const connection = current();
    const { client } = await connection;
    try {
      return await work(client);
    } catch (error) {
      if (!isUnknownSession(error)) throw error;
      forget(connection);
      void client.close();
    }
    return await work((await current()).client);
  }

  async function listTools(): Promise<void> {
    try {
      tools = await withClient((client) => allTools(client, timeoutSeconds));
      seen = { ok: true, detail: `${tools.length} tools` };
    } catch (error) {
      seen = { ok: false, detail: problemOfMcp(error).message };
    }
    freshUntilMs = nowMs() + (seen.ok ? freshSeconds : retrySeconds) * 1000;
  }

  async function refresh(): Promise<void> {
    if (nowMs() < freshUntilMs) return;
    refreshing ??= listTools().finally(() => (refreshing = undefined));
    await refreshing;
  }

  return {
    known: () => tools,
    refresh,
    async call(name, args) {
      const timeout = callTimeoutSeconds * 1000;
      try {
        const ask = (client: Client) => client.callTool({ name, arguments: args }, undefined, { timeout });
        return resultOf(await withClient(ask));
      } catch (error) {
        const problem = problemOfMcp(error);
        // Health is to hear of it before the list is old.
        if (problem.status === 503) freshUntilMs = -Infinity;
        throw problem;
      }
    },
    async check() {
      await refresh();
      return seen;
    },
    async close() {
      const connection = connecting;
      connecting = undefined;
      await connection?.then(
        ({ close }) => close(),
        () => {},
      );
    },
  };
}

async function allTools(client: Client, timeoutSeconds: number): Promise<McpTool[]> {
  const found: McpTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page++) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.listTools(params, { timeout: timeoutSeconds * 1000 });
    for (const { name, description = "", inputSchema } of answer.tools) {
      found.push({ name, description, input: inputSchema });
    }
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return found;
}
