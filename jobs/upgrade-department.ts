/**
 * How an active department is brought to another release, definition or version of its templates. It answers all the
 * while: the host replaces its agent only by one that is well, and a step that fails puts the release of before back.
 */
import { bindGraph, type Graph } from "../src/provisioning/graph.ts";
import { upgradePlan } from "../src/provisioning/plans.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";
import { recordRelease } from "./steps/record-release.ts";
import { syncSchema } from "./steps/sync-schema.ts";
import { updateAgent } from "./steps/update-agent.ts";
import { verify } from "./steps/verify.ts";
import { workflows } from "./steps/workflows.ts";

export const upgradeDepartment: Graph<WorkerDeps> = bindGraph(upgradePlan, {
  "sync-schema": syncSchema,
  // Without its undo, which would remove the workflows.
  "sync-workflows": {
    ...(workflows.deadlineSeconds && { deadlineSeconds: workflows.deadlineSeconds }),
    run: (ctx) => workflows.run(ctx),
  },
  "update-agent": updateAgent,
  verify,
  "record-release": recordRelease,
});
