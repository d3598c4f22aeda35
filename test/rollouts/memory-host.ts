import { FederationError } from "../../src/errors.ts";
import type { AgentSpec, Host } from "../../src/providers/hosts/host.ts";

/** A host whose agents are entries of a map: at once there, and never well with a release that `breaks` names. */
export function createMemoryHost() {
  const running = new Map<string, string>();
  const breaks = new Map<string, string>();
  const deploys: string[] = [];
  const thing = ({ departmentId }: AgentSpec, kind: string) => ({
    kind,
    externalId: `${kind}-${departmentId}`,
    departmentId,
  });
  const host: Host = {
    name: "docker",
    ensureProject: (spec) => Promise.resolve(thing(spec, "project")),
    ensureService: (spec) => Promise.resolve(thing(spec, "service")),
    setVariables: () => Promise.resolve(),
    async deploy({ departmentId, release }, call) {
      await call.fence();
      if (breaks.get(departmentId) === release)
        throw new FederationError("agent_unhealthy", `The agent of ${release} does not answer.`);
      if (running.get(departmentId) !== release) deploys.push(departmentId);
      running.set(departmentId, release);
      return { url: `http://127.0.0.1:1/${departmentId}` };
    },
    health: (departmentId) =>
      Promise.resolve({ status: running.has(departmentId) ? "ready" : "absent", detail: "in memory" }),
    stop: (departmentId) => Promise.resolve(void running.delete(departmentId)),
    destroy: (departmentId) => Promise.resolve(void running.delete(departmentId)),
    inspect: () => Promise.resolve([]),
    listOwned: () => Promise.resolve([]),
  };
  return {
    host,
    /** Release by department. */
    running,
    /** The agent of this department does not come up with this release. */
    break: (departmentId: string, release: string) => breaks.set(departmentId, release),
    mend: () => breaks.clear(),
    /** Departments whose agent was replaced, in order. */
    deploys,
  };
}
