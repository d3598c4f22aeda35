/**
 * How a locked department comes back: with new credentials, its agent well, its walls tried, and only then released.
 * When a step fails everything is taken back at once, and the department stays locked; nothing on its host is destroyed.
 */
import { bindGraph, type Graph } from "../src/provisioning/graph.ts";
import { unlockPlan } from "../src/provisioning/plans.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";
import { clientCredentials } from "./steps/client-credentials.ts";
import { configure } from "./steps/configure.ts";
import { deploy } from "./steps/deploy.ts";
import { directAccess } from "./steps/direct-access.ts";
import { dropCredentials, releaseLock } from "./steps/release-lock.ts";
import { verify } from "./steps/verify.ts";
import { workflows } from "./steps/workflows.ts";

export const unlockDepartment: Graph<WorkerDeps> = bindGraph(unlockPlan, {
  "client-credentials": { run: (ctx) => clientCredentials.run(ctx), undo: dropCredentials },
  workflows,
  configure: { run: (ctx) => configure.run(ctx) },
  deploy,
  verify,
  "direct-access": directAccess,
  "release-lock": releaseLock,
});
