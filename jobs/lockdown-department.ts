/**
 * What a lockdown has to end outside of its transaction. Every step may be repeated and none is ever given up: a failure
 * that may pass is tried again for as long as it takes, another one by jobs/retry-orphans.ts.
 */
import { bindGraph, type Graph } from "../src/provisioning/graph.ts";
import { lockdownPlan } from "../src/provisioning/plans.ts";
import type { WorkerDeps } from "../src/provisioning/worker-deps.ts";
import { closeLogin } from "./steps/close-login.ts";
import { confirmLocked } from "./steps/confirm-locked.ts";
import { stop } from "./steps/stop.ts";

const failuresMax = Number.POSITIVE_INFINITY;

export const lockdownDepartment: Graph<WorkerDeps> = bindGraph(lockdownPlan, {
  stop: { ...stop, failuresMax },
  "close-login": { ...closeLogin, failuresMax },
  "confirm-locked": { ...confirmLocked, failuresMax },
});
