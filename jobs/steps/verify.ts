import { setTimeout as sleep } from "node:timers/promises";
import { probeIsolation } from "../../src/departments/schema/probe-isolation.ts";
import { FederationError } from "../../src/errors.ts";
import { done } from "../../src/provisioning/graph.ts";
import { hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";

const pollEverySeconds = 0.1;
const pollForMs = 3000;

/** The gate before `active`: the agent says it is well, and the department's walls hold on the real schema. */
export const verify: JobStep = {
  // About a minute and a half in all, with the pauses between.
  failuresMax: 8,
  async run(ctx) {
    const agent = await pollHealth(ctx);
    if (agent.status !== "ready") {
      const message = `The agent is ${agent.status}: ${agent.detail}`;
      throw new FederationError("agent_unhealthy", message, { retryable: true });
    }
    const probes = await probeIsolation(ctx.deps.db, ctx.deps.vault, ctx.run.department);
    const broken = probes.filter((probe) => !probe.passed).map((probe) => probe.probe);
    if (broken.length > 0) {
      throw new FederationError(
        "isolation_broken",
        `The department's walls do not hold: ${broken.join(", ")}.`,
      );
    }
    return done({ agent: agent.status, probes: probes.map((probe) => probe.probe) });
  },
};

async function pollHealth(ctx: JobContext) {
  const host = hostOf(ctx);
  const until = performance.now() + pollForMs;
  for (;;) {
    const health = await host.health(ctx.run.department.id, ctx.signal);
    if (health.status === "ready" || performance.now() > until) return health;
    await sleep((host.healthEverySeconds ?? pollEverySeconds) * 1000, undefined, { signal: ctx.signal });
  }
}
