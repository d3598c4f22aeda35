import { type Call, maySeeWorkspace, notAuthorized, type Resolvers } from "../call.ts";
import { isServing, servedMs, stepOf } from "../deployment.ts";
import { findProject } from "../find.ts";
import { isDeleted, type Instance, type Project } from "../world.ts";

interface UsageArgs {
  measurements: readonly string[];
  projectId?: string | null;
  workspaceId?: string | null;
  startDate?: string | null;
  endDate?: string | null;
  includeDeleted?: boolean | null;
  groupBy?: readonly string[] | null;
}

interface MetricsArgs extends UsageArgs {
  startDate: string;
  serviceId?: string | null;
  environmentId?: string | null;
  sampleRateSeconds?: number | null;
}

/** Of an agent that waits: one process uses this much, whatever its limits. */
const perProcess: Record<string, number> = {
  CPU_USAGE: 0.02,
  CPU_USAGE_2: 0.02,
  MEMORY_USAGE_GB: 0.12,
  NETWORK_TX_GB: 0.000_01,
  NETWORK_RX_GB: 0.000_02,
  EPHEMERAL_DISK_USAGE_GB: 0.05,
};
const minutesPerMonth = 30 * 24 * 60;
const samplesMax = 500;

/** What was used, in minutes times vCPU or GB and in GB of traffic, from how long processes served. */
export const usageResolvers = {
  Query: {
    usage(_: unknown, args: UsageArgs, call: Call) {
      const minutes = (instances: Instance[]) =>
        instances.reduce((sum, one) => sum + minutesOf(call, one, args), 0);
      return groupsOf(call, args).flatMap(({ tags, instances }) =>
        args.measurements.map((measurement) => ({
          measurement,
          tags,
          value: (perProcess[measurement] ?? 0) * minutes(instances),
        })),
      );
    },
    estimatedUsage(_: unknown, args: UsageArgs, call: Call) {
      return projectsOf(call, args).flatMap(({ id }) =>
        args.measurements.map((measurement) => {
          const serving = instancesOf(call, [id]).filter((one) => serves(one, call.railway.now()));
          const estimatedValue = (perProcess[measurement] ?? 0) * serving.length * minutesPerMonth;
          return { measurement, projectId: id, estimatedValue };
        }),
      );
    },
    metrics(_: unknown, args: MetricsArgs, call: Call) {
      return groupsOf(call, args).flatMap(({ tags, instances }) =>
        args.measurements.map((measurement) => ({
          measurement,
          tags,
          values: samplesOf(call, args, instances, measurement),
        })),
      );
    },
  },
} satisfies Resolvers;

function projectsOf(call: Call, { projectId, workspaceId, includeDeleted }: UsageArgs): Project[] {
  if (projectId) return [findProject(call, projectId, "read")];
  if (!workspaceId || !maySeeWorkspace(call, workspaceId)) throw notAuthorized();
  return [...call.railway.world.projects.values()].filter(
    (one) => one.workspaceId === workspaceId && (includeDeleted || !isDeleted(one, call.railway.now())),
  );
}

const instancesOf = ({ railway }: Call, projectIds: readonly string[]) =>
  [...railway.world.instances.values()].filter((one) => projectIds.includes(one.projectId));

const servedBy = ({ deployments }: Instance, to: number) =>
  deployments.reduce((sum, one) => sum + servedMs(one, deployments, to), 0);

const serves = ({ deployments }: Instance, now: number) =>
  deployments.some((one) => isServing(one, stepOf(one, deployments, now)));

/** One group for all, or one for each project, environment and service that tags tell apart. */
function groupsOf(
  call: Call,
  args: UsageArgs & { serviceId?: string | null; environmentId?: string | null },
) {
  const ids = projectsOf(call, args).map(({ id }) => id);
  const instances = instancesOf(call, ids).filter(
    (one) =>
      (!args.serviceId || one.serviceId === args.serviceId) &&
      (!args.environmentId || one.environmentId === args.environmentId),
  );
  const tagsOf = ({ projectId, environmentId, serviceId }: Instance) => ({
    ...(args.groupBy?.includes("PROJECT_ID") && { projectId }),
    ...(args.groupBy?.includes("ENVIRONMENT_ID") && { environmentId }),
    ...(args.groupBy?.includes("SERVICE_ID") && { serviceId }),
  });
  const groups = Map.groupBy(instances, (one) => JSON.stringify(tagsOf(one)));
  return [...groups.values()].map((members) => ({ tags: tagsOf(members[0]!), instances: members }));
}

function minutesOf({ railway }: Call, instance: Instance, { startDate, endDate }: UsageArgs): number {
  const from = startDate ? Date.parse(startDate) : 0;
  const to = Math.min(endDate ? Date.parse(endDate) : Infinity, railway.now());
  const realMs = Math.max(0, servedBy(instance, to) - servedBy(instance, from));
  return (realMs * railway.settings.scale) / 60_000;
}

function samplesOf({ railway }: Call, args: MetricsArgs, instances: Instance[], measurement: string) {
  const stepMs = railway.msOf(args.sampleRateSeconds ?? 60);
  const to = Math.min(args.endDate ? Date.parse(args.endDate) : Infinity, railway.now());
  const from = Math.max(Date.parse(args.startDate), to - stepMs * samplesMax);
  const values: { ts: number; value: number }[] = [];
  for (let at = from + stepMs; at <= to; at += stepMs) {
    const serving = instances.filter((one) => servedBy(one, at) > servedBy(one, at - stepMs));
    values.push({ ts: Math.floor(at / 1000), value: (perProcess[measurement] ?? 0) * serving.length });
  }
  return values;
}
