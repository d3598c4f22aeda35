import { z } from "zod";
import type { Call } from "../../net/trace-call.ts";

/**
 * What a published path says about itself: `ours` with who answers, `absent` where nothing is registered (yet), `refused`
 * where our token is not taken, `broken` where the workflow fails, `foreign` where somebody else answers, and
 * `unreachable`.
 */
export type ProbeAnswer =
  | { kind: "ours"; department: string; template: string; version: number }
  | { kind: "absent" | "refused" | "broken" | "foreign" | "unreachable" };

export interface WebhookProbe {
  url: string;
  header: { name: string; value: string };
  signal: AbortSignal;
  timeoutMs?: number;
  fetch?: Call | undefined;
}

const timeoutMsDefault = 10_000;
const answerBytesMax = 64 * 1024;

const answer = z.object({
  federation: z.object({
    department: z.string(),
    template: z.string(),
    version: z.number(),
    probe: z.string(),
  }),
});

/** Asks a webhook who it is. Never throws but when the signal is aborted. */
export async function probeWebhook(probe: WebhookProbe): Promise<ProbeAnswer> {
  const { url, header, signal, timeoutMs, fetch: send = fetch } = probe;
  const nonce = crypto.randomUUID();
  try {
    const response = await send(url, {
      method: "POST",
      headers: { "content-type": "application/json", [header.name]: header.value },
      body: JSON.stringify({ federation_probe: nonce }),
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs ?? timeoutMsDefault)]),
    });
    const text = await readText(response);
    if (response.status === 200) return readAnswer(text, nonce);
    return { kind: kindOf(response.status) };
  } catch {
    signal.throwIfAborted();
    return { kind: "unreachable" };
  }
}

function kindOf(status: number): "absent" | "refused" | "broken" | "foreign" | "unreachable" {
  if (status === 404) return "absent";
  if (status === 401 || status === 403) return "refused";
  // What stands before n8n says these where n8n itself does not answer.
  if (status === 429 || (status >= 502 && status <= 504)) return "unreachable";
  return status >= 500 ? "broken" : "foreign";
}

function readAnswer(text: string, nonce: string): ProbeAnswer {
  const parsed = answer.safeParse(asJson(text));
  if (!parsed.success || parsed.data.federation.probe !== nonce) return { kind: "foreign" };
  const { department, template, version } = parsed.data.federation;
  return { kind: "ours", department, template, version };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whatever is longer is nobody's of ours. */
async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > answerBytesMax) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
