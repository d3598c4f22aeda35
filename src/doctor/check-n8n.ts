import { createN8nClient } from "../providers/n8n/create-n8n-client.ts";
import { N8nError } from "../providers/n8n/n8n-error.ts";
import type { Diagnosis, Patient } from "./diagnosis.ts";

const timeoutMs = 10_000;
/** Asked for, so that one short page comes back. */
const nobodysName = "fed/doctor";

/** Whether n8n answers at N8N_BASE_URL and takes N8N_API_KEY; nothing where no n8n is configured. */
export async function checkN8n({ config: { n8n } }: Patient): Promise<Diagnosis[]> {
  if (!n8n) return [];
  const client = createN8nClient({ ...n8n, timeoutMs });
  try {
    await client.listWorkflows(AbortSignal.timeout(timeoutMs), { name: nobodysName });
    return [{ level: "ok", what: `n8n answers at ${n8n.baseUrl} and takes the key` }];
  } catch (error) {
    const kind = error instanceof N8nError ? error.kind : "malformed";
    return [diagnosisOf(kind, n8n.baseUrl)];
  }
}

function diagnosisOf(kind: N8nError["kind"], url: string): Diagnosis {
  if (kind === "unauthorized")
    return {
      level: "error",
      what: `n8n at ${url} refuses N8N_API_KEY`,
      remedy: "Make a key in n8n under Settings → n8n API, with the scopes of docs/guides/connect-n8n.md.",
    };
  if (kind === "unavailable" || kind === "rate_limited")
    return {
      level: "error",
      what: `n8n does not answer at ${url}`,
      remedy: "Start it, or set N8N_BASE_URL to how this machine reaches it.",
    };
  return {
    level: "error",
    what: `what answers at ${url} is not n8n's API`,
    remedy: "Set N8N_BASE_URL to n8n itself, without /api, and see that its public API is on.",
  };
}
