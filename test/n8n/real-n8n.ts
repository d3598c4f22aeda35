import { z } from "zod";
import type { NewCredential, WorkflowDefinition } from "../../src/providers/n8n/n8n.ts";

const made = z.object({ id: z.string() });

/** A real n8n, from N8N_BASE_URL and N8N_API_KEY; `close` removes all that was made here, after a failure, too. */
export function realN8n() {
  const baseUrl = process.env["N8N_BASE_URL"]?.replace(/\/$/, "");
  const key = process.env["N8N_API_KEY"];
  if (baseUrl === undefined || key === undefined) throw new Error("N8N_BASE_URL and N8N_API_KEY are not set");
  const undo: (() => Promise<unknown>)[] = [];

  async function api(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: { "x-n8n-api-key": key ?? "", "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  return {
    baseUrl,
    api,
    async createCredential(credential: NewCredential): Promise<void> {
      await api("POST", "/credentials", credential);
      undo.push(() => api("DELETE", `/credentials/${credential.id}`));
    },
    /** Made and published; its triggers come a moment later. */
    async createWorkflow(definition: WorkflowDefinition): Promise<string> {
      const { id } = made.parse(await api("POST", "/workflows", definition));
      undo.push(() => remove(id));
      await api("POST", `/workflows/${id}/publish`);
      return id;
    },
    async close() {
      for (const step of undo.toReversed()) await step().catch((error: unknown) => console.error(error));
    },
  };

  async function remove(id: string) {
    await api("POST", `/workflows/${id}/unpublish`);
    // Unpublishing ends a moment after its answer, and until then n8n refuses.
    for (let tries = 40; tries > 0; tries--) {
      const error = await api("DELETE", `/workflows/${id}`).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) return;
      await Bun.sleep(250);
    }
    throw new Error(`workflow ${id} is still there`);
  }
}

/** Calls until what comes back is accepted, for at most half a minute. */
export async function until<T>(call: () => Promise<T>, isIt: (value: T) => boolean): Promise<T> {
  for (let tries = 120; ; tries--) {
    const value = await call();
    if (isIt(value)) return value;
    if (tries === 0) throw new Error(`still ${JSON.stringify(value)}`);
    await Bun.sleep(250);
  }
}
