// What a request names by id. A read refuses what was made a moment ago; an effect finds it at once.
import { GraphQLError } from "graphql";
import { type Call, cannotProcess, maySeeWorkspace, notAuthorized } from "./call.ts";
import type { Deployment } from "./deployment.ts";
import {
  type Domain,
  type Environment,
  type Instance,
  isDeleted,
  type Project,
  placeOf,
  type Service,
  type Volume,
} from "./world.ts";

/** What the request wants of it. */
type Aim = "read" | "effect";

interface Found {
  visibleAt: number;
  deletedAt?: number | undefined;
}

export function findProject(call: Call, id: string, aim: Aim): Project {
  const project = find(call, call.railway.world.projects, id, aim);
  const { caller } = call;
  const isTheirs =
    caller.kind === "project" ? caller.projectId === id : maySeeWorkspace(call, project.workspaceId);
  if (!isTheirs) throw notAuthorized();
  return project;
}

export function findEnvironment(call: Call, id: string, aim: Aim): Environment {
  const environment = find(call, call.railway.world.environments, id, aim);
  if (call.caller.kind === "project" && call.caller.environmentId !== id) throw notAuthorized();
  findProject(call, environment.projectId, aim);
  return environment;
}

export function findService(call: Call, id: string, aim: Aim): Service {
  const service = find(call, call.railway.world.services, id, aim);
  findProject(call, service.projectId, aim);
  return service;
}

/** The service as it is in one environment. */
export function findInstance(call: Call, serviceId: string, environmentId: string, aim: Aim): Instance {
  const service = findService(call, serviceId, aim);
  const environment = findEnvironment(call, environmentId, aim);
  const instance = call.railway.world.instances.get(placeOf(serviceId, environmentId));
  if (service.projectId !== environment.projectId) throw notAuthorized();
  if (!instance || isDeleted(instance, call.railway.now()))
    throw new GraphQLError("ServiceInstance not found");
  return instance;
}

export function findDeployment(call: Call, id: string, aim: Aim): Deployment {
  const deployment = find(call, call.railway.world.deployments, id, aim);
  findInstance(call, deployment.serviceId, deployment.environmentId, aim);
  return deployment;
}

export function findDomain(call: Call, id: string): Domain {
  const domain = find(call, call.railway.world.domains, id, "effect");
  findInstance(call, domain.serviceId, domain.environmentId, "effect");
  return domain;
}

export function findVolume(call: Call, id: string): Volume {
  const volume = find(call, call.railway.world.volumes, id, "effect");
  findProject(call, volume.projectId, "effect");
  return volume;
}

function find<Kind extends Found>({ railway }: Call, items: Map<string, Kind>, id: string, aim: Aim): Kind {
  if (!uuid.test(id)) throw cannotProcess();
  const item = items.get(id);
  const now = railway.now();
  if (!item || isDeleted(item, now)) throw notAuthorized();
  if (aim === "read" && item.visibleAt > now)
    throw railway.random.draw("unseen") < 0.5 ? notAuthorized() : cannotProcess();
  return item;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
