import { z } from "zod";
import type { Call } from "../../net/trace-call.ts";

export interface AgentState {
  status: "ready" | "unhealthy" | "absent";
  detail: string;
}

/** Talks to the agents' own HTTP endpoints. */
export interface AgentClient {
  /** GET <agent>/health; never throws. */
  health(agentUrl: string, signal: AbortSignal): Promise<AgentState>;
}

const report = z.object({
  status: z.string(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })).optional(),
});

export function createAgentClient(send: Call = fetch): AgentClient {
  return {
    async health(agentUrl, signal) {
      try {
        const response = await send(new URL("/health", agentUrl), { signal });
        const { status, checks = {} } = report.parse(await response.json());
        const bad = Object.entries(checks).filter(([, check]) => !check.ok);
        const detail = bad.map(([name, check]) => `${name}: ${check.detail ?? "not ok"}`).join("; ");
        return response.ok && status === "ready"
          ? { status: "ready", detail: "" }
          : { status: "unhealthy", detail };
      } catch {
        return { status: "absent", detail: "The agent does not answer." };
      }
    },
  };
}
