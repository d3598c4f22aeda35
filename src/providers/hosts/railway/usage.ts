import type { RailwayUsage } from "../../railway/railway.ts";
import type { HostUsage } from "../host.ts";
import { ask } from "./ask.ts";
import type { RailwayContext } from "./context.ts";
import { hasProject, readPlace } from "./places.ts";

/** What Railway bills the department's project for, by its API's `usage`. */
export async function agentUsage(
  ctx: RailwayContext,
  departmentId: string,
  period: { from: Date; to: Date },
  signal: AbortSignal,
): Promise<HostUsage> {
  const place = await readPlace(ctx.sql, departmentId);
  const read =
    place && hasProject(place)
      ? await ask(ctx, place, { signal }, (call) => ctx.client.readUsage(place.projectId, period, call))
      : [];
  return {
    vcpuMinutes: sumOf(read, "CPU_USAGE"),
    memoryGbMinutes: sumOf(read, "MEMORY_USAGE_GB"),
    egressGb: sumOf(read, "NETWORK_TX_GB"),
    diskGbMinutes: sumOf(read, "DISK_USAGE_GB"),
  };
}

const sumOf = (read: RailwayUsage[], wanted: RailwayUsage["measurement"]) =>
  read.reduce((sum, { measurement, value }) => sum + (measurement === wanted ? value : 0), 0);
