/**
 * Agents on Railway: a project with one service for each department, found by its recorded id, else by the mark in its
 * description. Railway takes no idempotency keys, answers some calls with nothing and shows late what it made: what must
 * not happen twice is written down before it is sent. A call that was cut off is made again and goes on where that one
 * was; waiting is a WaitError, so no worker is held meanwhile.
 */
import type { Host } from "../host.ts";
import { applyVariables } from "./apply-revision.ts";
import { contextOf, type RailwayHostOptions } from "./context.ts";
import { deployAgent } from "./deploy.ts";
import { destroyAgent } from "./destroy.ts";
import { distrust } from "./distrust.ts";
import { agentDrift } from "./drift.ts";
import { ensureService } from "./ensure-service.ts";
import { agentHealth } from "./health.ts";
import { agentLogs } from "./logs.ts";
import { listThings, projectThing, serviceThing } from "./owned.ts";
import { servicedPlace } from "./places.ts";
import { ensureProject } from "./projects.ts";
import { restartAgent } from "./restart.ts";
import { revisionOf } from "./revision.ts";
import { stopAgent } from "./stop.ts";
import { agentUsage } from "./usage.ts";

export type RailwayHost = Host & Required<Pick<Host, "logs" | "restart" | "usage">>;

export function createRailwayHost(options: RailwayHostOptions): RailwayHost {
  const ctx = contextOf(options);
  return {
    name: "railway",
    healthEverySeconds: ctx.pace.pollSeconds,
    async ensureProject(spec, call) {
      const { place } = await ensureProject(ctx, spec, call);
      return projectThing(place.projectId, spec.departmentId);
    },
    async ensureService(spec, call) {
      const { serviceId } = await ensureService(ctx, spec, call);
      return serviceThing(serviceId, spec.departmentId);
    },
    async setVariables(spec, call) {
      const wanted = revisionOf(spec);
      const place = await distrust(ctx, await servicedPlace(ctx.sql, spec.departmentId), wanted, call);
      await applyVariables(ctx, place, wanted, call);
    },
    deploy: (spec, call) => deployAgent(ctx, spec, call),
    health: (departmentId, signal) => agentHealth(ctx, departmentId, signal),
    restart: (departmentId, call) => restartAgent(ctx, departmentId, call),
    stop: (departmentId, call) => stopAgent(ctx, departmentId, call),
    destroy: (departmentId, call) => destroyAgent(ctx, departmentId, call),
    inspect: (departmentId, signal) => listThings(ctx, { departmentId }, signal),
    listOwned: (signal) => listThings(ctx, {}, signal),
    drift: (spec, signal) => agentDrift(ctx, spec, signal),
    logs: (departmentId, { tailLines }, signal) => agentLogs(ctx, departmentId, tailLines, signal),
    usage: (departmentId, period, signal) => agentUsage(ctx, departmentId, period, signal),
  };
}
