import type { Call, Resolvers } from "../call.ts";
import { type Deployment, stepOf } from "../deployment.ts";
import { findDeployment } from "../find.ts";
import { placeOf } from "../world.ts";

interface LogArgs {
  deploymentId: string;
  limit?: number | null;
  filter?: string | null;
  startDate?: string | null;
  endDate?: string | null;
}

const linesMax = 500;

/** What Railway and the processes wrote, oldest first, as far as the clock has got. */
export const logResolvers = {
  Query: {
    deploymentLogs: (_: unknown, args: LogArgs, call: Call) => logOf(call, args, false),
    buildLogs: (_: unknown, args: LogArgs, call: Call) => logOf(call, args, true),
  },
} satisfies Resolvers;

const texts: Record<string, string> = {
  BUILDING: "Building",
  DEPLOYING: "Starting Container",
  SUCCESS: "listening",
  FAILED: "Deployment failed",
  CRASHED: "exited with code 1",
};

function logOf(call: Call, args: LogArgs, isOfBuild: boolean) {
  const deployment = findDeployment(call, args.deploymentId, "read");
  const from = args.startDate ? Date.parse(args.startDate) : 0;
  const to = args.endDate ? Date.parse(args.endDate) : Infinity;
  const lines = stepsSoFar(call, deployment)
    .filter(({ status }) => texts[status] && (status === "BUILDING") === isOfBuild)
    .filter(({ at }) => at >= from && at <= to)
    .map(({ status, at }) => ({
      timestamp: new Date(at).toISOString(),
      message: texts[status] ?? status,
      severity: status === "FAILED" || status === "CRASHED" ? "error" : "info",
      attributes: [],
      tags: {
        projectId: deployment.projectId,
        environmentId: deployment.environmentId,
        serviceId: deployment.serviceId,
        deploymentId: deployment.id,
        deploymentInstanceId: deployment.id,
      },
    }))
    .filter(({ message }) => !args.filter || message.includes(args.filter));
  return lines.slice(-Math.min(args.limit ?? linesMax, linesMax));
}

function stepsSoFar({ railway }: Call, deployment: Deployment) {
  const { serviceId, environmentId, steps } = deployment;
  const all = railway.world.instances.get(placeOf(serviceId, environmentId))?.deployments ?? [];
  const now = stepOf(deployment, all, railway.now());
  const end = now.status === "REMOVED" || now.status === "REMOVING" ? now.at : railway.now();
  return steps.filter(({ at }) => at <= end);
}
