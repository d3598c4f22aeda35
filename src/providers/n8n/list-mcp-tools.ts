import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Call } from "../../net/trace-call.ts";

/** The names of an endpoint's tools, or why there are none: as in ProbeAnswer. */
export type McpAnswer =
  { kind: "tools"; names: string[] } | { kind: "absent" | "refused" | "broken" | "unreachable" };

export interface McpProbe {
  url: string;
  token: string;
  signal: AbortSignal;
  timeoutMs?: number;
  fetch?: Call | undefined;
}

const timeoutMsDefault = 10_000;

/** Opens a session at an MCP endpoint, lists its tools and ends the session. Never throws but when the signal is aborted. */
export async function listMcpTools(probe: McpProbe): Promise<McpAnswer> {
  const { url, token, signal, timeoutMs, fetch: send = fetch } = probe;
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs ?? timeoutMsDefault)]);
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` }, signal: within, redirect: "manual" },
    fetch: (to, init) => send(to, { ...init, signal: bothOf(init?.signal, within) }),
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1000,
      maxReconnectionDelay: 1000,
      reconnectionDelayGrowFactor: 1,
    },
  });
  const client = new Client({ name: "federation", version: "1" });
  try {
    await client.connect(asTransport(transport), { signal: within });
    const { tools } = await client.listTools({}, { signal: within });
    await transport.terminateSession().catch(() => {});
    return { kind: "tools", names: tools.map((tool) => tool.name) };
  } catch (error) {
    signal.throwIfAborted();
    return { kind: kindOf(error) };
  } finally {
    await client.close().catch(() => {});
  }
}

/** Where the SDK's interface has an optional member, its own class has one that may be undefined. */
const asTransport = (transport: StreamableHTTPClientTransport) => transport as Transport;

const bothOf = (own: AbortSignal | null | undefined, within: AbortSignal) =>
  own ? AbortSignal.any([own, within]) : within;

function kindOf(error: unknown): "absent" | "refused" | "broken" | "unreachable" {
  if (!(error instanceof StreamableHTTPError)) return "unreachable";
  const { code = 0 } = error;
  if (code === 404) return "absent";
  if (code === 401 || code === 403) return "refused";
  return code === 500 ? "broken" : "unreachable";
}
