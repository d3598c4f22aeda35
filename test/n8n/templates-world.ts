import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { toolNames } from "../../src/config-schema/department.ts";
import type { WorkflowDefinition } from "../../src/providers/n8n/n8n.ts";
import { renderWorkflow, workflowKeys } from "../../src/workflows/render-workflow.ts";
import type { RenderedWorkflow, WorkflowContext } from "../../src/workflows/rendered-workflow.ts";
import { realN8n, until } from "./real-n8n.ts";
import { startStubPlatform } from "./stub-platform.ts";

export const hostileName =
  "={{ $env.PATH }} {{ $json }} {{constructor}} {{federation:prefix}} __proto__ \\ \" ' ` ${1} $fromAI('x', 'y', 'string')";

export type TemplatesWorld = Awaited<ReturnType<typeof templatesWorld>>;

/** Every workflow of one department in a real n8n, published and answering, with a stub of what they call. */
export async function templatesWorld() {
  const n8n = realN8n();
  const suffix = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  const tokens = { api: `api-${suffix}`, hook: `hook-${suffix}`, mcp: `mcp-${suffix}` };
  const department = { id: crypto.randomUUID(), slug: "templates", name: hostileName, suffix };
  const platform = startStubPlatform(department.id, tokens.api);
  const credential = (key: string) => ({
    id: `n8nt${suffix.slice(0, 8)}${key}`,
    name: `n8n-templates ${suffix} ${key}`,
  });
  const ctx: WorkflowContext = {
    environment: "development",
    department,
    federationUrl: platform.url,
    pathPrefix: `n8n-templates-${suffix}`,
    credentials: { api: credential("api"), hook: credential("hook"), mcp: credential("mcp") },
    enabledTools: [...toolNames],
  };
  const hook = { name: "x-federation-token", value: tokens.hook };
  const workflows = new Map<string, RenderedWorkflow & { id: string }>();
  const clients: Client[] = [];

  async function open() {
    const { api, hook: hookCredential, mcp } = ctx.credentials;
    await n8n.createCredential({ ...api, type: "httpBearerAuth", data: { token: tokens.api } });
    await n8n.createCredential({ ...hookCredential, type: "httpHeaderAuth", data: hook });
    await n8n.createCredential({ ...mcp, type: "httpBearerAuth", data: { token: tokens.mcp } });
    const ids: Record<string, string> = {};
    for (const key of workflowKeys(ctx.enabledTools)) {
      const rendered = renderWorkflow(key, ctx, ids);
      const definition = withStub(rendered.definition, platform.url);
      ids[key] = await n8n.createWorkflow(definition);
      workflows.set(key, { ...rendered, definition, id: ids[key] });
    }
    for (const { key, entry } of workflows.values()) {
      if (entry.kind === "webhook")
        await until(
          () => probe(key),
          ({ status }) => status !== 404,
        );
    }
    await until(
      () => mcpStatus(tokens.mcp),
      (status) => status !== 404,
    );
  }

  async function call(key: string, body: unknown, token: string | null = tokens.hook) {
    const response = await fetch(`${n8n.baseUrl}/webhook/${ctx.pathPrefix}/${key}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token !== null && { [hook.name]: token }) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  }

  const probe = (key: string) => call(key, { federation_probe: { nonce: key } });
  const mcpUrl = new URL(`${n8n.baseUrl}/mcp/${ctx.pathPrefix}/mcp`);

  async function mcpStatus(token: string): Promise<number> {
    const response = await fetch(mcpUrl, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
      signal: AbortSignal.timeout(30_000),
    });
    await response.text();
    return response.status;
  }

  async function close() {
    await Promise.all(clients.map((client) => client.close().catch(() => {})));
    await n8n.close();
    await platform.stop();
  }

  await open().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    n8n,
    platform,
    ctx,
    tokens,
    workflows,
    /** What was asked of Federation or Google, `METHOD /path`, below the department where it is one's own. */
    asked: () =>
      platform.seen.map(
        ({ method, path }) =>
          `${method} ${path.replace("/api/v1", "").replace(`/departments/${department.id}`, "")}`,
      ),
    call,
    probe,
    async mcp(token = tokens.mcp) {
      const client = new Client({ name: "n8n-templates-test", version: "1" });
      const headers = { authorization: `Bearer ${token}` };
      await client.connect(new StreamableHTTPClientTransport(mcpUrl, { requestInit: { headers } }));
      clients.push(client);
      return client;
    },
    close,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The same workflow with Google's hosts replaced by the stub: `https://gmail.googleapis.com/x` becomes `<stub>/gmail/x`. */
function withStub(definition: WorkflowDefinition, url: string): WorkflowDefinition {
  const text = JSON.stringify(definition, null, 0);
  return JSON.parse(
    text.replaceAll(/https:\/\/([a-z]+)\.googleapis\.com/g, `${url}/$1`),
  ) as WorkflowDefinition;
}
