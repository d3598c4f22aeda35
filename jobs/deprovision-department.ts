/**
 * How a department goes. Until `stop` begins everything can be revived by a cancel; from there on the run only goes
 * forward, again and again, until the sweep finds nothing and the certificate is signed.
 */
import { bindGraph, type Graph } from "../src/provisioning/graph.ts";
import { deprovisionPlan } from "../src/provisioning/plans.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";
import { absenceSweep } from "./steps/absence-sweep.ts";
import { archive } from "./steps/archive.ts";
import { certificate } from "./steps/certificate.ts";
import { deleteHost } from "./steps/delete-host.ts";
import { destroyKeys } from "./steps/destroy-keys.ts";
import { drain } from "./steps/drain.ts";
import { dropDatabase } from "./steps/drop-database.ts";
import { grace } from "./steps/grace.ts";
import { removeWorkflows } from "./steps/remove-workflows.ts";
import { revokeClients } from "./steps/revoke-clients.ts";
import { revokeOauth } from "./steps/revoke-oauth.ts";
import { stop } from "./steps/stop.ts";
import { suspend } from "./steps/suspend.ts";

export const deprovisionDepartment: Graph<WorkerDeps> = bindGraph(deprovisionPlan, {
  suspend,
  drain,
  grace,
  archive,
  stop,
  "delete-host": deleteHost,
  "remove-workflows": removeWorkflows,
  "revoke-oauth": revokeOauth,
  "revoke-clients": revokeClients,
  "drop-database": dropDatabase,
  "destroy-keys": destroyKeys,
  "absence-sweep": absenceSweep,
  certificate,
});
