import { type Call, cannotProcess, type Resolvers } from "../call.ts";
import { passCooldown } from "../cooldowns.ts";
import { findEnvironment, findInstance, findProject, findVolume } from "../find.ts";
import type { Volume, VolumeInstance } from "../world.ts";

interface VolumeCreateInput {
  projectId: string;
  mountPath: string;
  serviceId?: string | null;
  environmentId?: string | null;
  region?: string | null;
}

const graceSeconds = 48 * 3600;
const instanceLagSeconds = 30;

/** Volumes: what is stored appears late, and is deleted softly. */
export const volumeResolvers = {
  Mutation: {
    volumeCreate,
    volumeDelete(_: unknown, { volumeId }: { volumeId: string }, call: Call) {
      const { railway } = call;
      const now = railway.now();
      findVolume(call, volumeId).deletedAt = now;
      for (const instance of railway.world.volumeInstances.values())
        if (instance.volumeId === volumeId) instance.deletedAt = now + railway.msOf(graceSeconds);
      return true;
    },
  },
  Volume: {
    project: ({ projectId }: Volume, _: unknown, { railway }: Call) => railway.world.projects.get(projectId),
  },
  VolumeInstance: {
    isPendingDeletion: ({ deletedAt }: VolumeInstance) => deletedAt !== undefined,
    state: ({ deletedAt }: VolumeInstance) => (deletedAt === undefined ? "READY" : "DELETING"),
    sizeMB: () => 50_000,
    currentSizeMB: () => 0,
    environment: ({ environmentId }: VolumeInstance, _: unknown, { railway }: Call) =>
      railway.world.environments.get(environmentId),
    service({ serviceId }: VolumeInstance, _: unknown, { railway }: Call) {
      if (serviceId === null) throw cannotProcess();
      return railway.world.services.get(serviceId);
    },
    volume: ({ volumeId }: VolumeInstance, _: unknown, { railway }: Call) =>
      railway.world.volumes.get(volumeId),
  },
} satisfies Resolvers;

/** Without an environment nothing is stored anywhere. */
function volumeCreate(_: unknown, { input }: { input: VolumeCreateInput }, call: Call): Volume {
  const { railway } = call;
  const project = findProject(call, input.projectId, "effect");
  const { environmentId } = input;
  if (environmentId) findEnvironment(call, environmentId, "effect");
  if (environmentId && input.serviceId) findInstance(call, input.serviceId, environmentId, "effect");
  passCooldown(railway, "volumeCreate", project.workspaceId);
  const item = railway.newItem();
  const volume = { ...item, projectId: project.id, name: `volume-${item.id.slice(0, 4)}` };
  railway.world.volumes.set(volume.id, volume);
  if (environmentId) {
    const stored = railway.newItem();
    railway.world.volumeInstances.set(stored.id, {
      ...stored,
      visibleAt: stored.createdAt + railway.msOf(instanceLagSeconds),
      projectId: project.id,
      volumeId: volume.id,
      environmentId,
      serviceId: input.serviceId ?? null,
      mountPath: input.mountPath,
      region: input.region ?? "us-west2",
    });
  }
  return volume;
}
