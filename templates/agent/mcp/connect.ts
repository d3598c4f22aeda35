import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import type { McpConfig } from "../config.ts";

export interface Connection {
  client: Client;
  /** Ends the session at the server too, if it answers in time. */
  close(): Promise<void>;
}

export interface ConnectOptions {
  timeoutSeconds: number;
  onToolsChanged: () => void;
}

/** A session with the MCP server over streamable HTTP, initialized. */
export async function connect(
  { url, token }: McpConfig,
  { timeoutSeconds, onToolsChanged }: ConnectOptions,
): Promise<Connection> {
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` }, redirect: "error" },
  });
  const client = new Client({ name: "federation-agent", version: "1" });
  // What goes wrong with a request is thrown there; the stream of notifications may come and go.
  client.onerror = () => {};
  client.setNotificationHandler(ToolListChangedNotificationSchema, onToolsChanged);
  const close = async () => {
    const ended = transport.sessionId ? transport.terminateSession() : Promise.resolve();
    const late = new Promise((resolve) => setTimeout(resolve, timeoutSeconds * 1000).unref());
    await Promise.race([ended, late]).catch(() => {});
    await client.close().catch(() => {});
  };
  try {
    await client.connect(transport, { timeout: timeoutSeconds * 1000 });
  } catch (error) {
    void close();
    throw error;
  }
  return { client, close };
}
