// What Railway answers, cut down to what railway.ts has.
import { z } from "zod";
import type {
  DeploymentStatus,
  RailwayDeployment,
  RailwayDomain,
  RailwayProject,
  RailwayServiceInstance,
  RailwayUsage,
  RailwayWorkspace,
} from "./railway.ts";

const named = z.object({ id: z.string(), name: z.string() });
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const count = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

/** Listed or not, what was deleted counts as gone. */
const deletable = <T extends z.ZodRawShape>(shape: T) => z.object({ ...shape, deletedAt: text });
const present = <T extends { deletedAt: string | null }>(things: readonly T[]) =>
  things.filter(({ deletedAt }) => deletedAt === null);

const nodesOf = <T>(node: z.ZodType<T>) =>
  z.object({ edges: z.array(z.object({ node })) }).transform(({ edges }) => edges.map((edge) => edge.node));

const children = nodesOf(deletable(named.shape)).transform((all) =>
  present(all).map(({ id, name }) => ({ id, name })),
);

const project = deletable({
  id: z.string(),
  name: z.string(),
  description: text,
  workspaceId: text,
  createdAt: z.string(),
  environments: children,
  services: children,
});

function withoutDeletion(found: z.infer<typeof project>): RailwayProject {
  const { id, name, description, workspaceId, createdAt, environments, services } = found;
  return { id, name, description, workspaceId, createdAt, environments, services };
}

/** Undefined for a deleted one. */
export const projectReply = project.transform((found) =>
  found.deletedAt === null ? withoutDeletion(found) : undefined,
);
export const newProjectReply: z.ZodType<RailwayProject> = project.transform(withoutDeletion);

export const projectsReply = z
  .object({
    edges: z.array(z.object({ cursor: z.string(), node: project })),
    pageInfo: z.object({ hasNextPage: z.boolean() }),
  })
  .transform(({ edges, pageInfo }) => ({
    projects: present(edges.map((edge) => edge.node)).map(withoutDeletion),
    lastCursor: edges.at(-1)?.cursor,
    hasNextPage: pageInfo.hasNextPage,
  }));

export const tokenReply: z.ZodType<RailwayWorkspace[]> = z
  .object({ workspaces: z.array(named) })
  .transform(({ workspaces }) => workspaces);

export const serviceReply = named;

export const serviceInstanceReply: z.ZodType<RailwayServiceInstance> = z
  .object({
    source: z.object({ image: text }).nullish(),
    healthcheckPath: text,
    numReplicas: count,
    region: text,
  })
  .transform(({ source, ...rest }) => ({ image: source?.image ?? null, ...rest }));

const statuses = [
  ...(["BUILDING", "CRASHED", "DEPLOYING", "FAILED", "INITIALIZING", "NEEDS_APPROVAL", "QUEUED"] as const),
  ...(["REMOVED", "REMOVING", "SKIPPED", "SLEEPING", "SUCCESS", "WAITING"] as const),
] satisfies DeploymentStatus[];

export const deploymentReply: z.ZodType<RailwayDeployment> = z
  .object({
    id: z.string(),
    status: z.enum(statuses),
    createdAt: z.string(),
    deploymentStopped: z.boolean().nullish(),
    canRollback: z.boolean().nullish(),
  })
  .transform(({ deploymentStopped, canRollback, ...rest }) => ({
    ...rest,
    isStopped: deploymentStopped ?? false,
    canRollback: canRollback ?? false,
  }));

export const deploymentsReply = nodesOf(deploymentReply).transform((all) =>
  all.toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt)),
);

export const logsReply = z.array(z.object({ timestamp: z.string(), message: z.string() }));

const domain = deletable({
  id: z.string(),
  domain: z.string(),
  targetPort: count,
  syncStatus: z.string().nullish(),
});
type Domain = z.infer<typeof domain>;
const plainDomain = ({ id, domain: name, targetPort }: Domain): RailwayDomain => ({
  id,
  domain: name,
  targetPort,
});

export const domainReply: z.ZodType<RailwayDomain> = domain.transform(plainDomain);
export const domainsReply = z.object({ serviceDomains: z.array(domain) }).transform(({ serviceDomains }) =>
  present(serviceDomains)
    .filter(({ syncStatus }) => syncStatus !== "DELETED" && syncStatus !== "DELETING")
    .map(plainDomain),
);

export const measurements = ["CPU_USAGE", "MEMORY_USAGE_GB", "NETWORK_TX_GB", "DISK_USAGE_GB"] as const;

const isMeasured = (name: string): name is RailwayUsage["measurement"] =>
  measurements.some((known) => known === name);

/** One of each that was metered. */
export const usageReply = z
  .array(z.object({ measurement: z.string(), value: z.number() }))
  .transform((rows): RailwayUsage[] => {
    const sums = new Map<RailwayUsage["measurement"], number>();
    for (const { measurement, value } of rows)
      if (isMeasured(measurement)) sums.set(measurement, (sums.get(measurement) ?? 0) + value);
    return [...sums].map(([measurement, value]) => ({ measurement, value }));
  });
