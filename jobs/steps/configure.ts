import { readAgentSettings } from "../../src/departments/agent-settings.ts";
import { agentSpec } from "../../src/departments/agent-spec.ts";
import type { AgentSpec } from "../../src/providers/hosts/host.ts";
import { done } from "../../src/provisioning/graph.ts";
import { recordResources } from "../../src/provisioning/resources.ts";
import { hostCall, hostOf, type JobContext, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { destroyHost } from "./delete-host.ts";
import { stopSeconds } from "./stop.ts";

/** The agent's service on its host with all its variables in one write, so that nothing is deployed yet. */
export const configure: JobStep = {
  deadlineSeconds: stopSeconds,
  async run(ctx) {
    const host = hostOf(ctx);
    const spec = await specOf(ctx);
    await ctx.fence();
    const service = await host.ensureService(spec, hostCall(ctx));
    const { kind, externalId } = service;
    await recordResources(ctx, [{ provider: host.name, kind, externalId, name: ctx.run.department.slug }]);
    await ctx.fence();
    await host.setVariables(spec, hostCall(ctx));
    return done({ service: externalId, variables: Object.keys(spec.variables) });
  },
  undo: destroyHost,
};

/** With the department's release unless another one is on its way. */
export async function specOf(
  { deps, run }: JobContext,
  release = run.department.release,
): Promise<AgentSpec> {
  const { db, vault, config } = deps;
  const department = { ...run.department, release };
  return agentSpec(department, await readAgentSettings({ sql: db.app, vault, config }, department));
}
