import { expect } from "bun:test";
import { Secret } from "../../src/crypto/secret.ts";
import { createN8nClient } from "../../src/providers/n8n/create-n8n-client.ts";
import type { Send } from "../../src/providers/n8n/create-request.ts";
import { N8nError, type N8nErrorKind } from "../../src/providers/n8n/n8n-error.ts";
import type { N8nClient, WorkflowDefinition, WorkflowNode } from "../../src/providers/n8n/n8n.ts";

export interface N8nUnderTest {
  baseUrl: string;
  apiKey: string;
  close(): Promise<void>;
}

/** What tells the ages of n8n apart. */
export interface N8nTraits {
  choosesCredentialId: boolean;
  /** Publishing answers before it is done, and a workflow can be archived. */
  isCurrent: boolean;
}

export type N8nWorld = ReturnType<typeof n8nWorld>;

export const never = new AbortController().signal;

/** A client, and definitions whose names and paths nobody else on the instance has. */
export function n8nWorld({ baseUrl, apiKey, close }: N8nUnderTest) {
  const prefix = `contract-${crypto.randomUUID().slice(0, 8)}`;
  const connect = (key = apiKey, send?: Send): N8nClient =>
    createN8nClient({ baseUrl, apiKey: new Secret(key), ...(send && { fetch: send }) });
  const client = connect();
  let count = 0;
  const fresh = (what: string) => `${prefix}-${what}-${++count}`;
  const mine = ({ name }: { name: string }) => name.startsWith(prefix);
  return {
    client,
    connect,
    baseUrl,
    apiKey,
    fresh,
    credentialId: () => `c${crypto.randomUUID().replaceAll("-", "").slice(0, 15)}`,
    webhook: (path = fresh("path"), more: Partial<WorkflowNode> = {}): WorkflowDefinition => ({
      name: fresh("workflow"),
      nodes: [webhookNode(path, more)],
      connections: {},
      settings: { executionOrder: "v1" },
    }),
    /** Its answer to a POST. */
    call: (path: string, headers: Record<string, string> = {}) =>
      fetch(`${baseUrl}/webhook/${path}`, { method: "POST", headers }),
    async close() {
      for (const { id } of (await client.listWorkflows(never)).filter(mine)) {
        await client.deleteWorkflow(id, never);
      }
      for (const { id } of (await client.listCredentials(never)).filter(mine)) {
        await client.deleteCredential(id, never);
      }
      await close();
    },
  };
}

export const webhookNode = (path: string, more: Partial<WorkflowNode> = {}): WorkflowNode => ({
  id: "trigger",
  name: "Webhook",
  type: "n8n-nodes-base.webhook",
  typeVersion: 2.1,
  position: [0, 0],
  ...more,
  parameters: { httpMethod: "POST", path, ...more.parameters },
});

/** Asks again until it is so; the test's own limit ends it. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await Bun.sleep(25);
}

/** The error of the call, of this kind. */
export async function refused(kind: N8nErrorKind, call: Promise<unknown>): Promise<N8nError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof N8nError)) throw new Error(`no N8nError but ${String(error)}`);
  expect(error.kind).toBe(kind);
  return error;
}
