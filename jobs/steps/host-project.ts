import { done } from "../../src/provisioning/graph.ts";
import { agentSpec } from "../../src/departments/agent-spec.ts";
import { recordResources } from "../../src/provisioning/resources.ts";
import { hostCall, hostOf, type JobStep } from "../../src/provisioning/worker-deps.ts";
import { destroyHost } from "./delete-host.ts";
import { stopSeconds } from "./stop.ts";

/** The place on the host that will hold the agent: a project, a network, a directory. */
export const hostProject: JobStep = {
  deadlineSeconds: stopSeconds,
  async run(ctx) {
    const host = hostOf(ctx);
    await ctx.fence();
    const project = await host.ensureProject(agentSpec(ctx.run.department), hostCall(ctx));
    const { kind, externalId } = project;
    await recordResources(ctx, [{ provider: host.name, kind, externalId, name: ctx.run.department.slug }]);
    return done({ project: externalId });
  },
  undo: destroyHost,
};
