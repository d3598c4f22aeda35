import { type ClosableWorkerDeps, systemContext } from "../src/deps.ts";
import { checkDepartment } from "../src/health/check-department.ts";
import { claimChecks, type ClaimedCheck } from "../src/health/claim-checks.ts";
import { type HealthPace, healthPace } from "../src/health/pace.ts";
import { restartAgent } from "../src/health/restart-agent.ts";
import { createWorkflowLooks } from "../src/health/workflow-looks.ts";
import { storeCheck } from "../src/health/store-check.ts";

const everyMs = 1000;
const roomMax = 16;

/** Looks at departments that are due and heals them. Every worker does it; each takes what no other one has. */
export function checkHealth(
  deps: ClosableWorkerDeps,
  pace: HealthPace = healthPace(deps.config),
): { close(): Promise<void> } {
  const { db, log } = deps;
  const workflows = createWorkflowLooks(pace);
  const inFlight = new Set<Promise<void>>();
  let looking: Promise<void> | undefined;
  async function look() {
    try {
      const room = roomMax - inFlight.size;
      if (room > 0) for (const claimed of await claimChecks(db.app, room, pace.leaseSeconds)) carry(claimed);
    } catch (err) {
      log.warn({ err }, "could not look for departments to check");
    }
  }
  function carry(claimed: ClaimedCheck) {
    const work = check(claimed)
      .catch((err: unknown) => log.warn({ err, department: claimed.slug }, "health not stored"))
      .finally(() => inFlight.delete(work));
    inFlight.add(work);
  }
  async function check(claimed: ClaimedCheck) {
    const checks = await checkDepartment({ ...deps, workflows }, claimed);
    const canRestart = deps.hosts.get(claimed.host)?.restart !== undefined;
    const outcome = await storeCheck(systemContext(deps, "health"), { ...claimed, canRestart }, checks, pace);
    if (outcome === "restart") await restartAgent(deps, claimed);
    log.debug({ department: claimed.slug, checks, outcome }, "health");
  }
  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, everyMs);
  return {
    async close() {
      clearInterval(timer);
      await looking;
      await Promise.all(inFlight);
    },
  };
}
