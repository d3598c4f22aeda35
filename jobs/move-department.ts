/**
 * How a department comes to another host. Until `switch-host` it lives where it did, and nothing there is touched; a step
 * that fails takes the new place away. Once `remove-old-agent` has begun the run only goes forward, so a move ends in
 * exactly one place whoever dies on the way.
 */
import { bindGraph, type Graph } from "../src/provisioning/graph.ts";
import { movePlan } from "../src/provisioning/plans.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";
import { moveConfigure } from "./steps/move-configure.ts";
import { moveDeploy } from "./steps/move-deploy.ts";
import { moveProject } from "./steps/move-project.ts";
import { moveVerify } from "./steps/move-verify.ts";
import { removeOldAgent } from "./steps/remove-old-agent.ts";
import { switchHost } from "./steps/switch-host.ts";

export const moveDepartment: Graph<WorkerDeps> = bindGraph(movePlan, {
  "move-project": moveProject,
  "move-configure": moveConfigure,
  "move-deploy": moveDeploy,
  "move-verify": moveVerify,
  "switch-host": switchHost,
  "remove-old-agent": removeOldAgent,
});
