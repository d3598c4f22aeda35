import { GraphQLError } from "graphql";
import { type Call, cannotProcess, notBuiltYet, type Resolvers } from "../call.ts";
import { type Deployment, hasSucceeded, isInProgress, isServing, stepOf } from "../deployment.ts";
import { domainsOf } from "../domains-of.ts";
import { findInstance, findService } from "../find.ts";
import { makeDeployment } from "../make-deployment.ts";
import type { Instance, InstanceSettings } from "../world.ts";

interface Place {
  serviceId: string;
  environmentId: string;
}

const bytesPerGb = 1e9;

/** A service as it is in one environment: what it runs, within what limits. */
export const instanceResolvers = {
  Query: {
    serviceInstance: (_: unknown, args: Place, call: Call) =>
      findInstance(call, args.serviceId, args.environmentId, "read"),
    serviceInstanceLimits(_: unknown, args: Place, call: Call) {
      const { limits } = findInstance(call, args.serviceId, args.environmentId, "read");
      return { containers: { cpu: limits.vCPUs, memoryBytes: limits.memoryGB * bytesPerGb } };
    },
  },
  Mutation: {
    serviceInstanceUpdate,
    serviceInstanceLimitsUpdate(
      _: unknown,
      { input }: { input: Place & { memoryGB?: number | null; vCPUs?: number | null } },
      call: Call,
    ) {
      const { limits } = findInstance(call, input.serviceId, input.environmentId, "effect");
      limits.memoryGB = input.memoryGB ?? limits.memoryGB;
      limits.vCPUs = input.vCPUs ?? limits.vCPUs;
      return true;
    },
    serviceInstanceDeploy: (_: unknown, args: Place, call: Call) => Boolean(deploy(args, call)),
    serviceInstanceDeployV2: (_: unknown, args: Place & { commitSha?: string | null }, call: Call) =>
      deploy(args, call).id,
    serviceInstanceRedeploy(_: unknown, args: Place, call: Call) {
      const { railway } = call;
      const instance = findInstance(call, args.serviceId, args.environmentId, "effect");
      const latest = instance.deployments.at(-1);
      if (!latest) throw cannotProcess();
      const now = railway.now();
      const isFirst = !instance.deployments.some((one) => hasSucceeded(one, now));
      if (isFirst && isInProgress(stepOf(latest, instance.deployments, now))) throw notBuiltYet();
      makeDeployment(railway, instance, "redeploy");
      return true;
    },
  },
  ServiceInstance: {
    ...settingsWithDefaults(),
    service: ({ serviceId }: Instance, _: unknown, { railway }: Call) =>
      railway.world.services.get(serviceId),
    serviceName: ({ serviceId }: Instance, _: unknown, { railway }: Call) =>
      railway.world.services.get(serviceId)?.name,
    latestDeployment: ({ deployments }: Instance, _: unknown, { railway }: Call) =>
      deployments.findLast(({ visibleAt }) => visibleAt <= railway.now()),
    activeDeployments: ({ deployments }: Instance, _: unknown, { railway }: Call): Deployment[] =>
      deployments.filter(
        (one) => one.visibleAt <= railway.now() && isServing(one, stepOf(one, deployments, railway.now())),
      ),
    domains: (instance: Instance, _: unknown, { railway }: Call) => ({
      serviceDomains: domainsOf(railway, instance),
      customDomains: [],
    }),
  },
} satisfies Resolvers;

function serviceInstanceUpdate(
  _: unknown,
  args: { serviceId: string; environmentId?: string | null; input: InstanceSettings },
  call: Call,
): true {
  const service = findService(call, args.serviceId, "effect");
  const { preDeployCommand } = args.input;
  if (preDeployCommand && preDeployCommand.length !== 1)
    throw new GraphQLError("Error in preDeployCommand - Invalid input");
  const instances = args.environmentId
    ? [findInstance(call, service.id, args.environmentId, "effect")]
    : [...call.railway.world.instances.values()].filter((one) => one.serviceId === service.id);
  for (const instance of instances) {
    Object.assign(instance.settings, args.input);
    instance.updatedAt = call.railway.now();
  }
  return true;
}

function deploy({ serviceId, environmentId }: Place, call: Call): Deployment {
  const instance = findInstance(call, serviceId, environmentId, "effect");
  const { source } = instance.settings;
  if (!source?.image && !source?.repo) throw cannotProcess();
  return makeDeployment(call.railway, instance, "deployV2");
}

/** What Railway answers where nothing was set. */
function settingsWithDefaults() {
  const defaults: Record<string, unknown> = {
    builder: "RAILPACK",
    healthcheckTimeout: 300,
    numReplicas: 1,
    region: "us-west2",
    restartPolicyMaxRetries: 10,
    restartPolicyType: "ON_FAILURE",
    sleepApplication: false,
    watchPatterns: [],
  };
  const names = [
    ...Object.keys(defaults),
    ...["buildCommand", "cronSchedule", "dockerfilePath", "drainingSeconds", "healthcheckPath"],
    ...["ipv6EgressEnabled", "nixpacksPlan", "overlapSeconds", "preDeployCommand", "railwayConfigFile"],
    ...["rootDirectory", "source", "startCommand"],
  ];
  return Object.fromEntries(
    names.map((name) => [name, ({ settings }: Instance) => settings[name] ?? defaults[name]]),
  );
}
