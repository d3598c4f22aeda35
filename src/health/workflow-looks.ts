import type { N8nAccess } from "../workflows/n8n-of.ts";
import type { HealthPace } from "./pace.ts";

/** By id; what is archived is off. */
export type WorkflowStates = ReadonlyMap<string, "on" | "off">;

/** How an instance's workflows are, by a list that began so many seconds ago at most, and within this cycle. */
export type WorkflowLooks = (n8n: N8nAccess, ageSecondsMax: number) => Promise<WorkflowStates>;

interface Look {
  beganMs: number;
  hasFailed: boolean;
  states: Promise<WorkflowStates>;
}

const timeoutMs = 20_000;

/** One list call of each n8n serves all departments there that are looked at meanwhile, also one that failed. */
export function createWorkflowLooks({
  everySeconds,
  recheckSeconds,
}: Pick<HealthPace, "everySeconds" | "recheckSeconds">): WorkflowLooks {
  const looks = new Map<string, Look>();
  return ({ client, config: { webhookUrl } }, ageSecondsMax) => {
    const known = looks.get(webhookUrl);
    const seconds = Math.min(ageSecondsMax, known?.hasFailed ? recheckSeconds : everySeconds / 2);
    if (known && performance.now() - known.beganMs < seconds * 1000) return known.states;
    const look: Look = { beganMs: performance.now(), hasFailed: false, states: list(client) };
    look.states.catch(() => (look.hasFailed = true));
    looks.set(webhookUrl, look);
    return look.states;
  };
}

async function list(client: N8nAccess["client"]): Promise<WorkflowStates> {
  const workflows = await client.listWorkflows(AbortSignal.timeout(timeoutMs));
  return new Map(
    workflows.map(({ id, active, isArchived }) => [id, active && !isArchived ? "on" : "off"] as const),
  );
}
