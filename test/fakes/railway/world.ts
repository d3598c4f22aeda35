// What the fake holds. Times are real ones, in milliseconds since 1970.
import type { Deployment } from "./deployment.ts";

interface Item {
  id: string;
  createdAt: number;
  updatedAt: number;
  /** Until then listings lack it and reads refuse it. */
  visibleAt: number;
  /** May be ahead of time: then it is there until then. */
  deletedAt?: number | undefined;
}

export interface Workspace {
  id: string;
  name: string;
  createdAt: number;
  updatedAt: number;
}

export interface Project extends Item {
  workspaceId: string;
  name: string;
  description: string | null;
  isPublic: boolean;
  prDeploys: boolean;
  baseEnvironmentId: string;
  /** From then on nobody sees it any more. */
  purgedAt?: number | undefined;
  /** Made by somebody else than the caller under test. */
  isForeign: boolean;
}

export interface Environment extends Item {
  projectId: string;
  name: string;
  isEphemeral: boolean;
  /** Services without an environment of their own are not made in forks. */
  isFork: boolean;
}

export interface Service extends Item {
  projectId: string;
  name: string;
  icon: string | null;
}

/** As in Railway's schema; null and absent are the same here. */
export interface InstanceSettings {
  source?: { image?: string | null; repo?: string | null } | null;
  drainingSeconds?: number | null;
  healthcheckPath?: string | null;
  healthcheckTimeout?: number | null;
  numReplicas?: number | null;
  sleepApplication?: boolean | null;
  preDeployCommand?: readonly string[] | null;
  registryCredentials?: unknown;
  multiRegionConfig?: unknown;
  [name: string]: unknown;
}

export interface Instance extends Item {
  projectId: string;
  serviceId: string;
  environmentId: string;
  settings: InstanceSettings;
  limits: { memoryGB: number; vCPUs: number };
  /** Oldest first. */
  deployments: Deployment[];
}

export interface Domain extends Item {
  projectId: string;
  serviceId: string;
  environmentId: string;
  domain: string;
  targetPort: number | null;
}

export interface Volume extends Item {
  projectId: string;
  name: string;
}

export interface VolumeInstance extends Item {
  projectId: string;
  volumeId: string;
  environmentId: string;
  serviceId: string | null;
  mountPath: string;
  region: string;
}

export interface ProjectToken extends Item {
  projectId: string;
  environmentId: string;
  name: string;
  secret: string;
}

export type World = ReturnType<typeof createWorld>;

export function createWorld() {
  return {
    workspaces: new Map<string, Workspace>(),
    projects: new Map<string, Project>(),
    environments: new Map<string, Environment>(),
    services: new Map<string, Service>(),
    /** By `placeOf` service and environment. */
    instances: new Map<string, Instance>(),
    deployments: new Map<string, Deployment>(),
    domains: new Map<string, Domain>(),
    volumes: new Map<string, Volume>(),
    volumeInstances: new Map<string, VolumeInstance>(),
    projectTokens: new Map<string, ProjectToken>(),
    /** By `placeOf` service, or "" for the shared ones, and environment. */
    variables: new Map<string, Record<string, string>>(),
  };
}

export const placeOf = (serviceId: string, environmentId: string) => `${serviceId} ${environmentId}`;

export const isDeleted = ({ deletedAt }: { deletedAt?: number | undefined }, now: number) =>
  deletedAt !== undefined && deletedAt <= now;

/** Whether a listing has it. */
export const isListed = (item: { visibleAt: number; deletedAt?: number | undefined }, now: number) =>
  item.visibleAt <= now && !isDeleted(item, now);
