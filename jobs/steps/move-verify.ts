import { setTimeout as sleep } from "node:timers/promises";
import { FederationError } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { atNewPlace } from "./move-project.ts";

const looks = 4;
const everySeconds = 0.25;
const lookForMs = 5000;

/** The gate before the switch: the new agent is well, and is so each time it is looked at in a row. */
export const moveVerify: JobStep = {
  // About a minute and a half in all, with the pauses between.
  failuresMax: 8,
  async run(ctx) {
    await staysReady(atNewPlace(ctx));
    return done({ url_before: await readUrl(ctx) });
  },
};

async function staysReady(at: JobContext): Promise<void> {
  const host = hostOf(at);
  const everyMs = Math.max(everySeconds, host.healthEverySeconds ?? 0) * 1000;
  const until = performance.now() + lookForMs + looks * everyMs;
  for (let inRow = 0; ;) {
    const agent = await host.health(at.run.department.id, at.signal);
    inRow = agent.status === "ready" ? inRow + 1 : 0;
    if (inRow === looks) return;
    if (performance.now() > until) {
      const message = `The agent on ${host.name} is ${agent.status}: ${agent.detail}`;
      throw new FederationError("agent_unhealthy", message, { retryable: true });
    }
    await sleep(everyMs, undefined, { signal: at.signal });
  }
}

/** Where callers are led until the switch, for the undo of that. */
async function readUrl({ deps, run }: JobContext): Promise<string | null> {
  const [row] = await deps.db.app<{ url: string | null }[]>`
    select agent_url as url from federation.department where id = ${run.department.id}`;
  return row?.url ?? null;
}
