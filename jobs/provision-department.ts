/**
 * How a department comes to be. The plan (src/provisioning/plans.ts) says what needs what; here every step has its
 * body, `run` and `undo` side by side. Each finds before it creates, so any of them may be repeated after a crash.
 */
import { bindGraph, type Graph } from "../src/provisioning/graph.ts";
import { provisionPlan } from "../src/provisioning/plans.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";
import { activate } from "./steps/activate.ts";
import { clientCredentials } from "./steps/client-credentials.ts";
import { configure } from "./steps/configure.ts";
import { database } from "./steps/database.ts";
import { deploy } from "./steps/deploy.ts";
import { directAccess } from "./steps/direct-access.ts";
import { encryptionKey } from "./steps/encryption-key.ts";
import { hostProject } from "./steps/host-project.ts";
import { oauthClient } from "./steps/oauth-client.ts";
import { preflight } from "./steps/preflight.ts";
import { verify } from "./steps/verify.ts";
import { workflows } from "./steps/workflows.ts";

export const provisionDepartment: Graph<WorkerDeps> = bindGraph(provisionPlan, {
  preflight,
  database,
  "encryption-key": encryptionKey,
  "oauth-client": oauthClient,
  "host-project": hostProject,
  "client-credentials": clientCredentials,
  workflows,
  configure,
  deploy,
  verify,
  "direct-access": directAccess,
  activate,
});
